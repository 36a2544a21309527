import { type LogRow, isFiltered, lineFormats, LogSnapshot } from '../audit/index.ts';
