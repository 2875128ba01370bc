import {
  ElementTypes,
  NodeTypes,
  type AttributeNode,
  type ElementNode,
  type NodeTransform,
  type TemplateChildNode,
} from '@vue/compiler-core'

// A browser's translation puts its own elements in place of a text, and what Vue writes into that text later is seen by
// nobody: an old sum stays on the screen. So each element with a text that can change is left out of translation when
// the templates are compiled: amounts, numbers, names, times, and words that tell a state. Words that never change are
// translated.

const fixed = /^\s*\$?t\(\s*(['"])[\w.]+\1\s*\)\s*$/ // t('a_word')

const source = (n: { content?: unknown; loc: { source: string } }) =>
  typeof n.content === 'string' ? n.content : n.loc.source

function changes(child: TemplateChildNode): boolean {
  return child.type === NodeTypes.INTERPOLATION && !fixed.test(source(child.content as never))
}

const marked = (e: ElementNode) => e.props.some((p) => p.type === NodeTypes.ATTRIBUTE && p.name === 'translate')

function mark(e: ElementNode) {
  if (marked(e)) return
  const no: AttributeNode = {
    type: NodeTypes.ATTRIBUTE,
    name: 'translate',
    nameLoc: e.loc,
    loc: e.loc,
    value: { type: NodeTypes.TEXT, content: 'no', loc: e.loc },
  }
  e.props.push(no)
}

// wrap puts a text that can change and stands in no element of its own, as in a slot, into one.
function wrap(child: TemplateChildNode): TemplateChildNode {
  const span = {
    type: NodeTypes.ELEMENT,
    ns: 0,
    tag: 'span',
    tagType: ElementTypes.ELEMENT,
    props: [],
    children: [child],
    loc: child.loc,
    codegenNode: undefined,
  } as unknown as ElementNode
  mark(span)
  return span
}

export const untranslated: NodeTransform = (node) => {
  const bare = node.type === NodeTypes.ROOT || node.type === NodeTypes.IF_BRANCH || node.type === NodeTypes.FOR
  if (node.type !== NodeTypes.ELEMENT && !bare) return
  if (bare || node.tag === 'template' || node.tag === 'slot') {
    node.children.forEach((c, i) => {
      if (changes(c)) node.children[i] = wrap(c)
    }) // in place: the compiler holds the list
    return
  }
  // A component gets amounts as properties too.
  const amounts =
    node.tagType === ElementTypes.COMPONENT &&
    node.props.some(
      (p) => p.type === NodeTypes.DIRECTIVE && p.name === 'bind' && /\byuan\(|¥/.test(p.exp?.loc.source ?? ''),
    )
  if (node.children.some(changes) || amounts) mark(node)
}
