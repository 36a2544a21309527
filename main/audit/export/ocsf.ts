import type { LineFormat } from './line-format.ts';
import { mappingOf, productOf, userOf } from './ocsf-classes.ts';
import { isFailure } from './outcome.ts';

/** The version of the Open Cybersecurity Schema Framework: the first with `metadata.original_event_uid`. */
export const ocsfVersion = '1.7.0';

/** The activity of every class that stands for all others. */
const other = 99;

/**
 * OCSF JSON Lines. `metadata.original_event_uid` is the index of the entry in the log, `raw_data` the exact entry, and
 * `unmapped` has what OCSF has no attribute for.
 */
export const ocsf: LineFormat = {
  header: '',
  line: (readable, source) => {
    const { entry, sentence, text } = readable;
    const { class: eventClass, activity, members } = mappingOf(readable);
    const activityId = eventClass.activities[activity] ?? other;
    const hasFailed = isFailure(readable);
    const event = {
      class_uid: eventClass.uid,
      class_name: eventClass.name,
      category_uid: eventClass.category,
      category_name: eventClass.categoryName,
      activity_id: activityId,
      activity_name: activity,
      type_uid: eventClass.uid * 100 + activityId,
      type_name: `${eventClass.name}: ${activity}`,
      severity_id: hasFailed ? 3 : 1,
      severity: hasFailed ? 'Medium' : 'Informational',
      status_id: hasFailed ? 2 : 1,
      status: hasFailed ? 'Failure' : 'Success',
      time: Date.parse(entry.time),
      message: sentence,
      metadata: {
        version: ocsfVersion,
        product: productOf(source),
        profiles: ['host'],
        uid: `${source.origin}/${entry.sequence}`,
        original_event_uid: String(entry.sequence),
        original_time: entry.time,
        event_code: entry.action,
        log_name: source.origin,
        log_format: 'JSON',
        sequence: entry.sequence,
      },
      actor: { user: userOf(readable), app_name: 'Siteseal' },
      ...members(readable, source),
      unmapped: {
        subject: entry.subject,
        facts: entry.facts,
        bootId: entry.bootId,
        monotonicMs: entry.monotonicMs,
        actor: { nameSha256: entry.actor.nameSha256, proof: entry.actor.proof },
        isNameErased: readable.person === undefined,
        training: entry.training,
      },
      raw_data: text,
    };
    return `${JSON.stringify(event)}\n`;
  },
};
