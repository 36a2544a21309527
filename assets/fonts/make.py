# Makes the fonts of the PDF from web fonts: see README.md.
import os, sys, tempfile
from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

os.environ['SOURCE_DATE_EPOCH'] = '0'
variable, noto, here = sys.argv[1], sys.argv[2], os.path.dirname(os.path.abspath(__file__))
kept = {'head', 'hhea', 'maxp', 'OS/2', 'hmtx', 'cmap', 'loca', 'glyf', 'name', 'post'}

def part(path, weight, folder, ranges):
    font = TTFont(path)
    if 'fvar' in font:
        font = instantiateVariableFont(font, {'wght': weight}, updateFontNames=False)
    subsetter = Subsetter(Options(layout_features=[], name_IDs=['*'], name_languages=['*'], hinting=False))
    subsetter.populate(unicodes=[code for first, last in ranges for code in range(first, last + 1)])
    subsetter.subset(font)
    for tag in [tag for tag in font.keys() if tag not in kept and tag != 'GlyphOrder']:
        del font[tag]
    font.flavor = None
    out = f'{folder}/{os.path.basename(path)}.ttf'
    font.save(out)
    return out

def make(name, weight, paths, ranges):
    with tempfile.TemporaryDirectory() as folder:
        font = Merger().merge([part(path, weight, folder, ranges) for path in paths])
    family, style = name.split('-')
    for number, text in [(1, family), (2, style), (4, name), (6, name)]:
        font['name'].setName(text, number, 3, 1, 0x409)
    font['OS/2'].usWeightClass = weight
    font['head'].macStyle = 1 if style == 'Bold' else 0
    font.recalcTimestamp = False
    font['head'].created = font['head'].modified = 0
    font['post'].formatType = 3.0
    font.save(f'{here}/{name}.ttf')

def files(folder, package, scripts, end):
    return [f'{folder}/{package}/files/{package}-{script}-{end}-normal.woff2' for script in scripts]

for family, style, weight in [('next', 'Regular', 400), ('next', 'Bold', 700), ('mono', 'Regular', 400)]:
    paths = files(variable, f'atkinson-hyperlegible-{family}', ['latin', 'latin-ext'], 'wght')
    make(f'AtkinsonHyperlegible{family.capitalize()}-{style}', weight, paths, [(0x20, 0xFFFE)])
# More of Latin, then Greek, Cyrillic and Vietnamese. No character that cannot be seen.
ranges = [(0x100, 0x24F), (0x370, 0x3FF), (0x400, 0x45F), (0x490, 0x491), (0x4B0, 0x4B1), (0x1E00, 0x1EFF), (0x2116, 0x2116)]
make('NotoSans-Regular', 400, files(noto, 'noto-sans', ['latin-ext', 'greek', 'cyrillic', 'vietnamese'], '400'), ranges)
