// @ts-check
// A client of the API as another system has one: openapi-fetch with the types that openapi-typescript makes of the
// document. `npm run check` reads it: a path, a member or a value that the document does not have is an error here.
import createClient from 'openapi-fetch'

/** @typedef {import('../src/api.gen.ts').paths} paths */
/** @typedef {import('../src/api.gen.ts').components['schemas']} schemas */

/**
 * connect logs a member of staff in.
 * @param {string} base the server's address
 * @param {schemas['LoginInput']} who
 */
export async function connect(base, who) {
  const api = /** @type {import('openapi-fetch').Client<paths>} */ (createClient({ baseUrl: base }))
  const { access_token } = data(await api.POST('/v1/members/sessions', { body: who }))
  api.use({
    onRequest: ({ request }) => {
      request.headers.set('Authorization', `Bearer ${access_token}`)
      return request
    },
  })
  return api
}

/** @typedef {Awaited<ReturnType<typeof connect>>} Api */

/**
 * data is what an operation answered, or its problem as an error.
 * @template T
 * @param {{ data?: T, error?: unknown }} answer
 */
function data(answer) {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error))
  return answer.data
}

/**
 * order makes an order for a room's oldest bill. The same key again is the same order, and says so.
 * @param {Api} api
 * @param {string} room
 * @param {string} key
 */
export async function order(api, room, key) {
  const { items: units } = data(await api.GET('/v1/units', { params: { query: { q: room } } }))
  const unit = units[0].id
  const { items: bills } = data(await api.GET('/v1/units/{id}/bills', { params: { path: { id: unit } } }))
  const answer = await api.POST('/v1/orders', {
    params: { header: { 'Idempotency-Key': key } },
    body: { unit, bills: [bills[0].id], on_open: 'supersede' },
  })
  return { order: data(answer), status: answer.response.status, hit: answer.response.headers.get('Idempotency-Hit') }
}

/**
 * codeOf opens an attempt and returns what the payer scans.
 * @param {Api} api
 * @param {string} id
 */
export async function codeOf(api, id) {
  const params = { path: { id }, header: { 'Idempotency-Key': crypto.randomUUID() } }
  const { attempt } = data(
    await api.POST('/v1/orders/{id}/attempts', { params, body: { wallet: 'wechat', method: 'native' } }),
  )
  return attempt.prepared?.code_url ?? ''
}

/**
 * read is an order as it stands.
 * @param {Api} api
 * @param {string} id
 */
export const read = async (api, id) => data(await api.GET('/v1/orders/{id}', { params: { path: { id } } }))

/**
 * refund asks that all of an order go back.
 * @param {Api} api
 * @param {schemas['Order']} paid
 */
export async function refund(api, paid) {
  const items = paid.items.map(({ ref, amount }) => ({ ref, amount }))
  const params = { path: { id: paid.id }, header: { 'Idempotency-Key': crypto.randomUUID() } }
  return data(await api.POST('/v1/orders/{id}/refunds', { params, body: { items, reason: '重复缴费' } })).refund
}

/**
 * approve decides over a refund, as another person than who asked.
 * @param {Api} api
 * @param {string} id
 * @param {number} no
 */
export const approve = async (api, id, no) =>
  data(
    await api.POST('/v1/orders/{id}/refunds/{no}/decision', {
      params: { path: { id, no }, header: { 'Idempotency-Key': crypto.randomUUID() } },
      body: { approve: true },
    }),
  )
