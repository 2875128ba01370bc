import { texts } from '../../say'

// The orders of lists.
export const sorting = texts({
  sort_order: ['排序', 'Sort'],
  sort_by: ['按{name}排序', 'Sort by {name}'],
  sorted_so: ['{name}：{way}', '{name}: {way}'],
  usual_order: ['默认排序', 'Usual order'],
  newest_first: ['从新到旧', 'newest first'],
  oldest_first: ['从旧到新', 'oldest first'],
  largest_first: ['从大到小', 'largest first'],
  smallest_first: ['从小到大', 'smallest first'],
  in_order: ['顺序', 'in order'],
  in_reverse: ['倒序', 'in reverse'],
})
