// A keeper keeps what a page must have over a reload. Where the browser blocks that, it is kept until then.
function keeper(of: () => Storage | null) {
  const memory = new Map<string, string>()
  function storage(): Storage | undefined {
    try {
      return of() ?? undefined // an embedded browser may have none
    } catch {
      return undefined
    }
  }
  return {
    get(name: string): string | null {
      return memory.get(name) ?? storage()?.getItem(name) ?? null
    },
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
      try {
        storage()?.removeItem(name)
      } catch {
        /* as good as removed */
      }
    },
  }
}

// kept is what this browser keeps, keptInTab what this tab keeps until it is closed.
export const kept = keeper(() => localStorage)
export const keptInTab = keeper(() => sessionStorage)

// keeps reports whether what is kept survives a reload.
export function keeps(): boolean {
  try {
    localStorage.setItem('linlipay-probe', '1')
    localStorage.removeItem('linlipay-probe')
    return true
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
