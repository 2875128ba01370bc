// The menu's icons: strokes in a square of 24.
export const icons = {
  first: 'M4 11l8-7 8 7M6 10v10h12V10M10 20v-6h4v6',
  collect: 'M4 7h16v12H4zM4 11h16M8 15h4M8 4h8v3',
  orders: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6',
  refunds: 'M9 7L4 12l5 5M4 12h11a5 5 0 0 1 5 5v2',
  homes: 'M4 21V8l8-5 8 5v13M4 21h16M9 12h2M13 12h2M9 16h2M13 16h2',
  import: 'M12 3v11M12 14l-4-4M12 14l4-4M4 15v5h16v-5',
  bindings: 'M9 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM3 20a6 6 0 0 1 12 0M18 8v6M15 11h6',
  returns: 'M3 9h18M3 9l4-4M3 9l4 4M21 16H8M21 16l-4-4M21 16l-4 4',
  exceptions: 'M12 4L2.5 20h19zM12 10v5M12 17.5v.5',
  unconfirmed: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 3',
  messages: 'M4 5h16v11H9l-5 4z',
  terminals: 'M7 2h10v20H7zM10 5h4v5h-4zM10 14h.5M13.5 14h.5M10 18h.5M13.5 18h.5',
  approvals: 'M5 3h14v18H5zM8 12l3 3 5-6',
  organisation: 'M9 3h6v5H9zM3 16h6v5H3zM15 16h6v5h-6zM12 8v4M6 16v-4h12v4',
  settings: 'M4 7h10M18 7h2M14 4.5v5M4 17h2M10 17h10M10 14.5v5',
  accounts: 'M3 6h18v12H3zM3 10h18M7 15h4',
  routes: 'M6 5v6a4 4 0 0 0 4 4h8M18 15l-3-3M18 15l-3 3M6 5L4 7M6 5l2 2',
  staff: 'M8 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2 20a6 6 0 0 1 12 0M16 11a3 3 0 1 0 0-6M17 14a5 5 0 0 1 5 5',
  record: 'M5 3h14v18H5zM9 8h6M9 12h6M9 16h3',
  me: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20a7 7 0 0 1 14 0',
  menu: 'M4 6h16M4 12h16M4 18h16',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L21 21',
  close: 'M5 5l14 14M19 5L5 19',
  keys: 'M3 6h18v12H3zM6 10h1M10 10h1M14 10h1M18 10h.5M8 14h8',
} as const

export type IconName = keyof typeof icons
