import type { Line } from './glyphs.ts';
import type { Element, Paper, Style } from './paper.ts';

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Points. The last column takes what is left. */
  readonly width: number;
}

const headStyle: Style = { face: 'bold', size: 8.5, leading: 11 };
const cellStyle: Style = { face: 'regular', size: 8.5, leading: 11 };
const padding = 4;

/** A table that grows row by row, and repeats its header on each page. */
export class PaperTable {
  readonly #paper: Paper;
  readonly #columns: readonly (Column & { readonly x: number })[];
  readonly #table: Element;
  readonly #body: Element;

  constructor(paper: Paper, columns: readonly Column[]) {
    this.#paper = paper;
    let x = paper.left;
    this.#columns = columns.map(({ title, width }, index) => {
      const column = { title, x, width: index === columns.length - 1 ? paper.left + paper.width - x : width };
      x += width;
      return column;
    });
    this.#table = paper.element('Table');
    const head = paper.element('THead', this.#table);
    const row = paper.element('TR', head);
    this.#drawHead((draw) => {
      paper.element('TH', row, { scope: 'Column' }).add(draw).end();
    });
    head.end();
    this.#body = paper.element('TBody', this.#table);
  }

  /** Adds a row, with a text for each column. A row that is higher than the page continues on the next. */
  add(texts: readonly string[]): void {
    const paper = this.#paper;
    const row = paper.element('TR', this.#body);
    const cells = this.#columns.map(({ x, width }, index) => ({
      x,
      lines: paper.lines(texts[index] ?? '', width - 2 * padding, cellStyle),
      element: paper.element('TD', row),
    }));
    const height = Math.max(...cells.map(({ lines }) => lines.length));
    for (let done = 0; done < height;) {
      const place = this.#linesLeft();
      // A short row stays in one piece.
      if (place < Math.min(height - done, 10)) {
        this.#nextPage();
        continue;
      }
      const count = Math.min(place, height - done);
      for (const { x, lines, element } of cells) {
        const part: readonly Line[] = lines.slice(done, done + count);
        if (part.length > 0)
          element.add(() => paper.drawLines(part, x + padding, paper.y + padding, cellStyle));
      }
      paper.y += count * cellStyle.leading + 2 * padding;
      this.#rule(0.5, 0.7);
      done += count;
    }
    row.end();
  }

  end(): void {
    this.#table.end();
  }

  #linesLeft(): number {
    return Math.floor((this.#paper.bottom - this.#paper.y - 2 * padding) / cellStyle.leading);
  }

  #nextPage(): void {
    this.#paper.addPage('landscape');
    // Repeated headers are no content (ISO 14289-1, 7.8).
    this.#drawHead((draw) => this.#paper.decorate('Pagination', draw));
  }

  #drawHead(each: (draw: () => void) => void): void {
    const paper = this.#paper;
    const cells = this.#columns.map(({ title, x, width }) => ({
      x,
      lines: paper.lines(title, width - 2 * padding, headStyle),
    }));
    for (const { x, lines } of cells)
      each(() => paper.drawLines(lines, x + padding, paper.y + padding, headStyle));
    const height = Math.max(...cells.map(({ lines }) => lines.length));
    paper.y += height * headStyle.leading + 2 * padding;
    this.#rule(1, 0);
  }

  #rule(height: number, grey: number): void {
    const paper = this.#paper;
    paper.decorate('Layout', () => paper.fill(paper.left, paper.y - height, paper.width, height, grey));
  }
}
