// Element Plus says on the label of a checkbox that it is half chosen, where nothing looks for it and axe forbids it;
// the box itself says so already. It is taken off again wherever a table or a form puts it.
export function plainLabels(root: HTMLElement) {
  const mend = () => root.querySelectorAll('label[aria-checked]').forEach((l) => l.removeAttribute('aria-checked'))
  new MutationObserver(mend).observe(root, { subtree: true, childList: true, attributeFilter: ['aria-checked'] })
}
