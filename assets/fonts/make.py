# Makes the static fonts of the PDF from the variable web fonts of the page. Needs fontTools and brotli:
# python3 make.py ../../node_modules/@fontsource-variable
import os, sys, tempfile
from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

os.environ['SOURCE_DATE_EPOCH'] = '0'
source, here = sys.argv[1], os.path.dirname(os.path.abspath(__file__))
kept = {'head', 'hhea', 'maxp', 'OS/2', 'hmtx', 'cmap', 'loca', 'glyf', 'name', 'post'}

def part(family, script, weight, folder):
    font = TTFont(f'{source}/atkinson-hyperlegible-{family}/files/atkinson-hyperlegible-{family}-{script}-wght-normal.woff2')
    font = instantiateVariableFont(font, {'wght': weight}, updateFontNames=False)
    for tag in [tag for tag in font.keys() if tag not in kept and tag != 'GlyphOrder']:
        del font[tag]
    font.flavor = None
    path = f'{folder}/{script}.ttf'
    font.save(path)
    return path

for family, style, weight in [('next', 'Regular', 400), ('next', 'Bold', 700), ('mono', 'Regular', 400)]:
    with tempfile.TemporaryDirectory() as folder:
        font = Merger().merge([part(family, script, weight, folder) for script in ('latin', 'latin-ext')])
    name = f'AtkinsonHyperlegible{family.capitalize()}-{style}'
    font['name'].setName(name, 6, 3, 1, 0x409)
    font['name'].setName(style, 2, 3, 1, 0x409)
    font['OS/2'].usWeightClass = weight
    font['head'].macStyle = 1 if style == 'Bold' else 0
    font.recalcTimestamp = False
    font['head'].created = font['head'].modified = 0
    font['post'].formatType = 3.0
    font.save(f'{here}/{name}.ttf')
