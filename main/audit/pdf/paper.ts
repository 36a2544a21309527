import { open, type FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fontFile } from '../font-file.ts';
import { breakLines, type Line } from './glyphs.ts';

/** A style of text. Sizes are in points. */
export interface Style {
  readonly face: 'regular' | 'bold' | 'mono';
  readonly size: number;
  /** From one line to the next. */
  readonly leading: number;
  /** From 0, black, to 1, white. */
  readonly grey?: number;
}

/** The files of the fonts. They ship with the program, because a PDF embeds the characters that it uses. */
const faces = {
  regular: fontFile('AtkinsonHyperlegibleNext-Regular'),
  bold: fontFile('AtkinsonHyperlegibleNext-Bold'),
  mono: fontFile('AtkinsonHyperlegibleMono-Regular'),
  /** For scripts that the others lack. */
  other: fontFile('NotoSans-Regular'),
} as const;

/** The height of the fonts above the baseline, for a size of 1. */
const ascent = 0.984;
const margin = 40;
const footerStyle = { face: 'regular', size: 8, leading: 10, grey: 0.27 } as const;
/** Where the number of pages begins, from the right edge of a page. */
const pagesWidth = 26;

/** What is on every page. */
export interface Furniture {
  readonly title: string;
  readonly language: string;
  readonly createdAt: Date;
  /** At the bottom, on the left. */
  readonly footer: string;
  /** At the top. Absent if there is no mark. */
  readonly mark?: string;
  /** Such as "Page 3 of", before the number of pages. */
  readonly pageOf: (page: number) => string;
}

export type Element = PDFKit.PDFStructureElement;

/**
 * What pdfkit makes of a font file. Its types do not have it. `Paper` writes text itself, glyph after glyph, because
 * pdfkit would keep every word in memory, and cannot mark a text inside the coordinates that it is drawn in.
 */
interface EmbeddedFont {
  /** Its name in the resources of a page. */
  readonly id: string;
  encode(text: string): [codes: readonly string[], positions: readonly { readonly advanceWidth: number }[]];
  ref(): unknown;
  readonly font: { hasGlyphForCodePoint(codePoint: number): boolean };
}

/** A character in a font: its code in hex, and its width in thousandths of the size. */
interface Glyph {
  readonly font: EmbeddedFont;
  readonly code: string;
  readonly advance: number;
}

/** Finds the glyph of a character. */
type Glyphs = (character: string) => Glyph | undefined;

/**
 * A tagged PDF that grows page by page, and is written to its file as it grows. Text, coordinates and widths are in
 * points from the top left.
 */
export class Paper {
  /** The place for what comes next. */
  y = 0;
  readonly #pdf: PDFKit.PDFDocument;
  readonly #furniture: Furniture;
  readonly #file: FileHandle;
  readonly #root: Element;
  readonly #pages: PDFKit.PDFKitReference;
  readonly #glyphs: Readonly<Record<Style['face'], Glyphs>>;
  readonly #output: () => Uint8Array;
  #pageCount = 0;

  private constructor(
    pdf: PDFKit.PDFDocument,
    glyphs: Readonly<Record<Style['face'], Glyphs>>,
    furniture: Furniture,
    file: FileHandle,
  ) {
    this.#pdf = pdf;
    this.#glyphs = glyphs;
    this.#furniture = furniture;
    this.#file = file;
    this.#output = collectOutput(pdf);
    this.#root = pdf.struct('Document');
    pdf.addStructure(this.#root);
    this.#pages = pdf.ref({ Type: 'XObject', Subtype: 'Form', BBox: [0, 0, pagesWidth, 12] });
  }

  static async open(path: string, furniture: Furniture): Promise<Paper> {
    // Loading takes a tenth of a second, and few ever need it.
    const { default: Document } = await import('pdfkit');
    const pdf = new Document({
      autoFirstPage: false,
      pdfVersion: '1.7',
      tagged: true,
      lang: furniture.language,
      displayTitle: true,
      // Its cache of laid out words would grow with the log.
      fontLayoutCache: false,
      font: faces.regular,
      info: {
        Title: furniture.title,
        Creator: 'Siteseal',
        Producer: 'Siteseal',
        CreationDate: furniture.createdAt,
      },
    });
    const other = embed(pdf, faces.other);
    const glyphs = {} as Record<Style['face'], Glyphs>;
    for (const face of ['regular', 'bold', 'mono'] as const) {
      await nextTurn();
      const own = embed(pdf, faces[face]);
      glyphs[face] = (character) => own(character) ?? other(character);
    }
    return new Paper(pdf, glyphs, furniture, await open(path, 'w'));
  }

  get left(): number {
    return margin;
  }

  get width(): number {
    return this.#pdf.page.width - 2 * margin;
  }

  /** Where the footer begins. */
  get bottom(): number {
    return this.#pdf.page.height - margin - 14;
  }

  /** Begins a page, with what is on every page. */
  addPage(layout: 'portrait' | 'landscape'): void {
    const pdf = this.#pdf;
    pdf.addPage({ size: 'A4', layout, margin: 0 });
    this.#pageCount++;
    this.y = margin;
    const { mark, footer, pageOf } = this.#furniture;
    this.decorate('Pagination', () => {
      if (mark !== undefined) this.#drawMark(mark);
      const y = this.bottom + 8;
      this.#drawText(footer, this.left, y, footerStyle);
      const pages = this.left + this.width - pagesWidth;
      const page = `${pageOf(this.#pageCount)} `;
      this.#drawText(page, pages - this.widthOf(page, footerStyle), y, footerStyle);
      Object.assign(pdf.page.xobjects as object, { Pages: this.#pages });
      pdf.addContent(`q 1 0 0 -1 ${number(pages)} ${number(y + 10)} cm /Pages Do Q`);
    });
  }

  /** Draws what is no content, such as rules. */
  decorate(type: 'Pagination' | 'Layout', draw: () => void): void {
    this.#pdf.markContent('Artifact', { type });
    draw();
    this.#pdf.endMarkedContent();
  }

  /** Adds an element to the structure. The caller ends it. */
  element(type: string, parent: Element = this.#root, options: object = {}): Element {
    const element = this.#pdf.struct(type, options);
    parent.add(element);
    return element;
  }

  /** Adds an entry to the bookmarks, for this page. */
  bookmark(title: string, under: PDFKit.PDFOutline = this.#pdf.outline): PDFKit.PDFOutline {
    return under.addItem(title, { expanded: false });
  }

  widthOf(text: string, { face, size }: Style): number {
    const glyphs = this.#glyphs[face];
    let width = 0;
    for (const character of text) width += glyphs(character)?.advance ?? 0;
    return (width * size) / 1000;
  }

  lines(text: string, width: number, style: Style): readonly Line[] {
    return breakLines(text, width, {
      shows: (character) => this.#glyphs[style.face](character) !== undefined,
      widthOf: (part) => this.widthOf(part, style),
    });
  }

  /** Draws lines from `y` down. */
  drawLines(lines: readonly Line[], x: number, y: number, style: Style): void {
    const { face, size, leading, grey = 0 } = style;
    const { page } = this.#pdf;
    // pdfkit counts y from the top, text from the bottom.
    const base = page.height - y - ascent * size;
    // One write for all of it where possible: pdfkit keeps every write until the page ends.
    let operators = `q 1 0 0 -1 0 ${page.height} cm ${grey} g BT ${leading} TL ${number(x)} ${number(base)} Td`;
    const write = (): void => {
      this.#pdf.addContent(operators);
      operators = '';
    };
    const show = this.#showing(face, size);
    for (const line of lines) {
      for (const { shown, actual } of line) {
        if (actual !== undefined) {
          write();
          this.#pdf.markContent('Span', { actual });
        }
        operators += show(shown);
        if (actual !== undefined) {
          write();
          this.#pdf.endMarkedContent();
        }
      }
      operators += ' T*';
    }
    operators += ' ET Q';
    write();
  }

  /** Begins a page unless this one has room for so many points. */
  keep(height: number): void {
    if (this.y + height > this.bottom) this.addPage('portrait');
  }

  /** An element for a picture, with what it shows in words. The caller draws it and ends it. */
  figure(alt: string, { x, y, width, height }: Record<'x' | 'y' | 'width' | 'height', number>): Element {
    return this.element('Figure', this.#root, { alt, bbox: [x, y, x + width, y + height] });
  }

  /** A filled rectangle. */
  fill(x: number, y: number, width: number, height: number, grey = 0): void {
    this.#pdf.addContent(`q ${grey} g ${[x, y, width, height].map(number).join(' ')} re f Q`);
  }

  /** A paragraph or heading over the full width, or less. Begins pages as needed. */
  paragraph(
    type: string,
    text: string,
    style: Style,
    place: { parent?: Element; x?: number; width?: number } = {},
  ): void {
    const { parent, x = this.left, width = this.width } = place;
    const element = this.element(type, parent);
    for (const line of this.lines(text, width, style)) {
      if (this.y + style.leading > this.bottom) this.addPage('portrait');
      element.add(() => this.drawLines([line], x, this.y, style));
      this.y += style.leading;
    }
    element.end();
  }

  /**
   * Attaches a file.
   *
   * @param bytes the content, compressed with zlib
   * @param size how many bytes the content has, known once they are read
   */
  async attach(name: string, bytes: AsyncIterable<Uint8Array>, size: () => number): Promise<void> {
    const pdf = this.#pdf;
    const content = pdf.ref({ Type: 'EmbeddedFile', Subtype: 'text#2Fplain', Filter: 'FlateDecode' });
    for await (const chunk of bytes) content.write(chunk);
    Object.assign(content.data, { Params: { Size: size(), ModDate: this.#furniture.createdAt } });
    content.end(undefined);
    // pdfkit writes a String object as text, and a string as a name.
    const text = (value: string): unknown => Object(value);
    const file = pdf.ref({
      Type: 'Filespec',
      AFRelationship: 'Data',
      F: text(name),
      UF: text(name),
      EF: { F: content },
    });
    file.end(undefined);
    pdf.addNamedEmbeddedFile(name, file);
    await this.flush();
  }

  /** Writes to the file what is finished. */
  async flush(): Promise<void> {
    const bytes = this.#output();
    if (bytes.length > 0) await this.#file.writeFile(bytes);
  }

  /** Finishes the document. */
  async end(): Promise<void> {
    this.#root.end();
    this.#pdf.flushPages();
    await nextTurn();
    // The document is complete once its last object is: the number of pages, below.
    const last = this.#prepareNumberOfPages();
    this.#pdf.end();
    await this.flush();
    await nextTurn();
    this.#pages.end(last);
    await this.flush();
  }

  /** Closes the file, whether or not the document is complete. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  #drawMark(mark: string): void {
    const style: Style = { face: 'bold', size: 9, leading: 12, grey: 1 };
    this.fill(this.left, this.y, this.width, 18);
    this.#drawText(mark, this.left + 6, this.y + 3, style);
    this.y += 26;
  }

  #drawText(text: string, x: number, y: number, style: Style): void {
    this.drawLines(this.lines(text, Infinity, style), x, y, style);
  }

  /** Makes the operators that show texts one after another, from whatever fonts have their characters. */
  #showing(face: Style['face'], size: number): (text: string) => string {
    const { fonts } = this.#pdf.page as { readonly fonts: Record<string, unknown> };
    let current: EmbeddedFont | undefined;
    return (text) => {
      let operators = '';
      for (const character of text) {
        const glyph = this.#glyphs[face](character);
        if (!glyph) continue;
        const { font, code } = glyph;
        if (font !== current) {
          fonts[font.id] ??= font.ref();
          operators += `${operators === '' ? '' : '> Tj'} /${font.id} ${size} Tf <`;
        } else if (operators === '') operators = ' <';
        current = font;
        operators += code;
      }
      return operators === '' ? '' : `${operators}> Tj`;
    };
  }

  /**
   * Makes what draws the number of pages, to which every page refers, and which is known at the end. Its characters come
   * from one font.
   */
  #prepareNumberOfPages(): string {
    const { face, size, grey } = footerStyle;
    const digits = Array.from(String(this.#pageCount), (digit) => this.#glyphs[face](digit) as Glyph);
    const { font } = digits[0] as Glyph;
    Object.assign(this.#pages.data, { Resources: { Font: { [font.id]: font.ref() } } });
    return `${grey} g BT /${font.id} ${size} Tf 0 2.13 Td <${digits.map(({ code }) => code).join('')}> Tj ET`;
  }
}

/** A font of the document: each character that it has is looked up once. */
function embed(pdf: PDFKit.PDFDocument, file: string): Glyphs {
  pdf.font(file);
  const font = (pdf as unknown as { readonly _font: EmbeddedFont })._font;
  const known = new Map<string, Glyph | undefined>();
  return (character) => {
    if (!known.has(character)) known.set(character, glyphOf(font, character));
    return known.get(character);
  };
}

function glyphOf(font: EmbeddedFont, character: string): Glyph | undefined {
  if (!font.font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0)) return undefined;
  const [[code = ''], [position]] = font.encode(character);
  return { font, code, advance: position?.advanceWidth ?? 0 };
}

/**
 * Collects what pdfkit writes, and returns what it has written since the last call. pdfkit itself puts every line of the
 * document into its stream, which takes a tenth of a second at the end of a long one.
 */
function collectOutput(pdf: PDFKit.PDFDocument): () => Uint8Array {
  const writer = pdf as unknown as { _offset: number; _write: (data: string | Uint8Array) => void };
  const parts: Uint8Array[] = [];
  let text = '';
  const end = (): void => {
    if (text !== '') parts.push(Buffer.from(text, 'latin1'));
    text = '';
  };
  writer._write = (data) => {
    writer._offset += data.length;
    if (typeof data === 'string') {
      text += `${data}\n`;
      writer._offset++;
    } else {
      end();
      parts.push(data);
    }
  };
  // What its constructor wrote.
  parts.push(pdf.read() as Uint8Array);
  return () => {
    end();
    return Buffer.concat(parts.splice(0));
  };
}

/** A number for the content of a page. */
function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}
