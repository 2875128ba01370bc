import { h, type VNode } from 'vue'

// What a person decides by, as a question that is asked in a box of its own shows it.

// decision is what it is about, and facts, each a line of its own; those that are not known are left out.
export const decision = (about: string, ...facts: (VNode | undefined)[]): VNode =>
  h('div', { class: 'decision', 'data-test': 'decision' }, [h('p', { class: 'about number' }, about), ...facts])

// fact is one of them with its name before it.
export const fact = (name: string, text?: string): VNode | undefined =>
  text ? h('p', [h('span', { class: 'soft' }, name + ' '), h('span', { class: 'break' }, text)]) : undefined
