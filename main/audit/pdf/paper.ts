import { open, type FileHandle } from 'node:fs/promises';
import { breakLines, type Line } from './glyphs.ts';

/** A style of text. Sizes are in points. */
export interface Style {
  readonly face: keyof typeof faces;
  readonly size: number;
  /** From one line to the next. */
  readonly leading: number;
  readonly colour?: string;
}

/** The fonts lie beside the program, because a PDF embeds the characters that it uses. */
const faces = {
  regular: fontFile('Next-Regular'),
  bold: fontFile('Next-Bold'),
  mono: fontFile('Mono-Regular'),
} as const;

function fontFile(name: string): string {
  return `${import.meta.dirname}/../../../assets/fonts/AtkinsonHyperlegible${name}.ttf`;
}

const black = '#000000';
const margin = 40;
const footerStyle: Style = { face: 'regular', size: 8, leading: 10, colour: '#444444' };
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

/** pdfkit's font, of which its types say nothing: needed once, for the number of pages. */
interface EmbeddedFont {
  readonly id: string;
  encode(text: string): [glyphs: readonly string[], positions: unknown];
  ref(): unknown;
}

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
  readonly #advances = new Map<string, Map<string, number>>();
  #pageCount = 0;

  private constructor(pdf: PDFKit.PDFDocument, furniture: Furniture, file: FileHandle) {
    this.#pdf = pdf;
    this.#furniture = furniture;
    this.#file = file;
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
      // The types do not know it yet.
      subset: 'PDF/UA' as PDFKit.Mixins.PDFSubsets,
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
    return new Paper(pdf, furniture, await open(path, 'w'));
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
      pdf.page.xobjects['Pages'] = this.#pages;
      pdf.save().translate(pages, y).addContent('1 0 0 -1 0 10 cm').addContent('/Pages Do').restore();
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
    let known = this.#advances.get(face);
    if (!known) this.#advances.set(face, (known = new Map<string, number>()));
    let width = 0;
    for (const character of text) {
      let advance = known.get(character);
      if (advance === undefined) {
        advance = this.#pdf.font(faces[face], 1000).widthOfString(character) / 1000;
        known.set(character, advance);
      }
      width += advance;
    }
    return width * size;
  }

  lines(text: string, width: number, style: Style): readonly Line[] {
    return breakLines(text, width, (part) => this.widthOf(part, style));
  }

  /** Draws lines from `y` down. */
  drawLines(lines: readonly Line[], x: number, y: number, style: Style): void {
    for (const [index, line] of lines.entries()) {
      let at = x;
      for (const { shown, actual } of line) {
        if (actual !== undefined) this.#pdf.markContent('Span', { actual });
        this.#drawText(shown, at, y + index * style.leading, style);
        if (actual !== undefined) this.#pdf.endMarkedContent();
        at += this.widthOf(shown, style);
      }
    }
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
  fill(x: number, y: number, width: number, height: number, colour = black): void {
    this.#pdf.rect(x, y, width, height).fill(colour);
  }

  /** A paragraph or heading over the full width, or less. Begins pages as needed. */
  paragraph(type: string, text: string, style: Style, place: { parent?: Element; x?: number; width?: number } = {}): void {
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
    const bytes = this.#pdf.read() as Uint8Array | null;
    if (bytes) await this.#file.writeFile(bytes);
  }

  /** Finishes the document. */
  async end(_pause: unknown): Promise<void> {
    this.#root.end();
    this.#drawPages();
    this.#pdf.end();
    await this.flush();
  }

  /** Closes the file, whether or not the document is complete. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  #drawMark(mark: string): void {
    const style: Style = { face: 'bold', size: 9, leading: 12, colour: '#ffffff' };
    this.fill(this.left, this.y, this.width, 18);
    this.#drawText(mark, this.left + 6, this.y + 3, style);
    this.y += 26;
  }

  #drawText(text: string, x: number, y: number, { face, size, colour = black }: Style): void {
    this.#pdf.font(faces[face], size).fillColor(colour).text(text, x, y, { lineBreak: false });
  }

  /** The number of pages, which every page refers to, and which is known at the end. */
  #drawPages(): void {
    this.#pdf.font(faces[footerStyle.face]);
    const font = (this.#pdf as unknown as { readonly _font: EmbeddedFont })._font;
    const [glyphs] = font.encode(String(this.#pageCount));
    Object.assign(this.#pages.data, { Resources: { Font: { [font.id]: font.ref() } } });
    this.#pages.end(`0.267 g BT /${font.id} ${footerStyle.size} Tf 0 2.13 Td <${glyphs.join('')}> Tj ET`);
  }
}
