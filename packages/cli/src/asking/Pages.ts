import { Effect } from "effect"

/** The most results that the API gives at a time. */
const pageMax = 1000

interface Page<Result, Next> {
  readonly results: ReadonlyArray<Result>
  readonly next: Next | null
}

/** The most characters of JSON that a list is read to, because one text has to hold all of it. */
const lengthMax = 100_000_000

/**
 * The first results of a list, up to a limit, read page by page; `next` continues after them. A list of large results
 * ends before its limit.
 */
export const upTo = Effect.fnUntraced(function* <Result, Next, Form extends Page<Result, Next>>(
  limit: number,
  ask: (limit: number, next: Next | undefined) => Effect.Effect<Form & Page<Result, Next>, unknown>,
) {
  const results: Array<Result> = []
  let length = 0
  for (let next: Next | undefined; ;) {
    const page: Form & Page<Result, Next> = yield* ask(
      Math.min(limit - results.length, pageMax),
      next,
    )
    results.push(...page.results)
    length += JSON.stringify(page.results).length
    if (page.next === null || results.length >= limit || length >= lengthMax) {
      return { ...page, results }
    }
    next = page.next
  }
})
