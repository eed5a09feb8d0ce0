import { Effect } from "effect"

/** The most results that the API gives at a time. */
const pageMax = 1000

interface Page<Result, Next> {
  readonly results: ReadonlyArray<Result>
  readonly next: Next | null
}

/** The first results of a list, up to a limit, read page by page; `next` continues after them. */
export const upTo = Effect.fnUntraced(function* <Result, Next, Form extends Page<Result, Next>>(
  limit: number,
  ask: (limit: number, next: Next | undefined) => Effect.Effect<Form & Page<Result, Next>, unknown>,
) {
  const results: Array<Result> = []
  for (let next: Next | undefined; ;) {
    const page: Form & Page<Result, Next> = yield* ask(
      Math.min(limit - results.length, pageMax),
      next,
    )
    results.push(...page.results)
    if (page.next === null || results.length >= limit) return { ...page, results }
    next = page.next
  }
})
