// mobile reads a mobile number as phones and people write it: with the country's code, spaces, dashes, or in full
// width. '' is none.
export function mobile(text: string): string {
  const digits = text.normalize('NFKC').replace(/[\s\p{P}\p{Cf}+]/gu, '')
  return digits.match(/^(?:00)?(?:86)?(1\d{10})$/)?.[1] ?? ''
}
