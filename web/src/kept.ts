// kept is what a page keeps in this browser over a reload. Where the browser blocks that, it is kept until then.
const memory = new Map<string, string>()

function storage(): Storage | undefined {
  try {
    return localStorage ?? undefined // an embedded browser may have none
  } catch {
    return undefined
  }
}

export const kept = {
  get(name: string): string | null { return memory.get(name) ?? storage()?.getItem(name) ?? null },
  set(name: string, value: string) {
    try {
      const s = storage()
      if (!s) throw new Error('no storage')
      s.setItem(name, value)
      memory.delete(name)
    } catch {
      memory.set(name, value)
    }
  },
  remove(name: string) {
    memory.delete(name)
    try { storage()?.removeItem(name) } catch { /* as good as removed */ }
  },
}

// keeps reports whether what is kept survives a reload.
export function keeps(): boolean {
  try {
    const s = storage()
    s?.setItem('linlipay-probe', '1')
    s?.removeItem('linlipay-probe')
    return !!s
  } catch {
    return false
  }
}

// takesCookies reports whether the browser takes this site's cookies, in which a session is.
export function takesCookies(): boolean {
  try {
    document.cookie = 'linlipay-probe=1; path=/; samesite=lax'
    const taken = document.cookie.includes('linlipay-probe')
    document.cookie = 'linlipay-probe=; path=/; max-age=0'
    return taken
  } catch {
    return false
  }
}
