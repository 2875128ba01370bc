import type { Kept, Shelf } from './results'

// What the device keeps in this browser: its keys, which cannot be taken out, and the results that the server does
// not have yet, beside them.

export interface Device {
  id: string
  key: CryptoKey
}

const here = 'this' // the pairing that is in force; those before it stand under their ids while results of theirs wait

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const open = indexedDB.open('linlipay-terminal', 2)
    open.onupgradeneeded = (e) => {
      if (e.oldVersion < 1) open.result.createObjectStore('device')
      if (e.oldVersion < 2) open.result.createObjectStore('results', { keyPath: 'id', autoIncrement: true })
    }
    open.onsuccess = () => {
      open.result.onversionchange = () => open.result.close()
      resolve(open.result)
    }
    open.onerror = () => reject(open.error)
  })
}

// transact does something with a store, and returns once it is on the disk: a terminal may lose its power at any
// moment.
async function transact<T>(
  store: 'device' | 'results',
  mode: IDBTransactionMode,
  work: (s: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const db = await database()
  try {
    return await new Promise<T>((resolve, reject) => {
      const all = db.transaction(store, mode, { durability: 'strict' })
      const request = work(all.objectStore(store))
      all.oncomplete = () => resolve(request.result)
      all.onabort = () => reject(all.error)
      all.onerror = () => reject(all.error)
    })
  } finally {
    db.close()
  }
}

export const paired = () => transact<Device | undefined>('device', 'readonly', (s) => s.get(here))

// keep stores a new pairing, and asks the browser never to clear it.
export async function keep(device: Device) {
  await retire()
  await transact('device', 'readwrite', (s) => s.put(device, here))
  await navigator.storage?.persist?.().catch(() => false)
}

// retire ends the pairing. Its key stays: it signs the results that it read.
export async function retire() {
  const former = await paired()
  if (!former) return
  await transact('device', 'readwrite', (s) => s.put(former, former.id))
  await transact('device', 'readwrite', (s) => s.delete(here))
}

// keyOf is the key of a former pairing.
export async function keyOf(id: string): Promise<CryptoKey | undefined> {
  return (await transact<Device | undefined>('device', 'readonly', (s) => s.get(id)))?.key
}

// forgetFormer forgets the keys of former pairings for which no results wait.
export async function forgetFormer(waiting: string[]) {
  for (const id of await transact('device', 'readonly', (s) => s.getAllKeys())) {
    if (id !== here && !waiting.includes(String(id))) await transact('device', 'readwrite', (s) => s.delete(id))
  }
}

export const shelf: Shelf = {
  all: () => transact<Kept[]>('results', 'readonly', (s) => s.getAll()),
  add: async (r) => ({ ...r, id: Number(await transact('results', 'readwrite', (s) => s.add(r))) }),
  remove: async (id) => {
    await transact('results', 'readwrite', (s) => s.delete(id))
  },
}
