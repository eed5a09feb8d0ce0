import { Effect, Result, Schema, SchemaIssue } from "effect"
import type { Invalid } from "../encoding/Invalid.ts"
import * as Json from "../encoding/Json.ts"
import * as Re2Pattern from "./Re2Pattern.ts"
import * as FilterValue from "./FilterValue.ts"

const operators = [
  "exact",
  "is_not",
  "icontains",
  "not_icontains",
  "regex",
  "not_regex",
  "gt",
  "lt",
  "gte",
  "lte",
  "is_set",
  "is_not_set",
  "is_date_exact",
  "is_date_before",
  "is_date_after",
] as const

/** The comparison of a property with the filter's value (P58). */
export const Operator = Schema.Literals(operators).annotate({
  message: `one of ${operators.join(", ")}`,
  description: "How the property is compared with the value; exact by default",
})

export type Operator = typeof Operator.Type

/** The setting with the filters; errors of `decode` name it. */
export const setting = "internal_users"

/** The most filters of a project: every query tries them all. */
export const filtersMax = 100

const typeMessage = "person or event (there are no cohorts here)"
const keyMessage = "the name of a property"

const Shape = Schema.Struct({
  type: Schema.Literals(["person", "event"])
    .annotate({ message: typeMessage, description: "Whose property it is" })
    .annotateKey({ messageMissingKey: typeMessage }),
  key: Schema.String.annotate({ message: keyMessage, description: "The name of the property" })
    .check(Schema.isNonEmpty({ message: keyMessage }))
    .annotateKey({ messageMissingKey: keyMessage }),
  operator: Operator.pipe(Schema.withDecodingDefaultKey(Effect.succeed("exact" as const))),
  value: Schema.optionalKey(
    Schema.Json.annotate({
      message: "a JSON value",
      description: "Any JSON, as the operator takes it",
    }),
  ),
})

/** The value that the filter's operator needs; undefined where the value fits. */
const expectedValue = ({ operator, value }: typeof Shape.Type): string | undefined => {
  if (operator === "is_set" || operator === "is_not_set") return undefined
  if (value === undefined || value === null) return "a value"
  const values = listOf(value)
  if (operator === "regex" || operator === "not_regex") {
    const isValid = values.every((each) => Re2Pattern.isPattern(FilterValue.textOf(each)))
    return isValid ? undefined : "a pattern as RE2 writes it, neither long nor large"
  }
  if (operator === "gt" || operator === "gte" || operator === "lt" || operator === "lte") {
    const isValid = values.every((each) => FilterValue.numberOf(each) !== undefined)
    return isValid ? undefined : "a number"
  }
  if (!operator.startsWith("is_date")) return undefined
  // A date's form alone decides whether it can be read, so any `now` will do.
  const isValid = values.every((each) => FilterValue.spanOf(each, 0) !== undefined)
  return isValid ? undefined : "a date such as 2022-10-24, 2022-10-24T12:00:00Z or -7d"
}

/** A condition on a person or an event; a query keeps those that meet it (SPEC §7, P58). */
export const PropertyFilter = Shape.check(
  Schema.makeFilter((filter) => {
    const issue = expectedValue(filter)
    return issue === undefined ? undefined : { path: ["value"], issue }
  }),
)

export type PropertyFilter = typeof PropertyFilter.Type

const decodeAll = Schema.decodeUnknownResult(
  Schema.Array(PropertyFilter).check(
    Schema.isMaxLength(filtersMax, { message: `at most ${filtersMax} property filters` }),
  ),
  { onExcessProperty: "error", errors: "all" },
)

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const unknownField = "Expected no excess property"

const messages = new Map([
  [unknownField, "no such field"],
  ["Expected array", "a list of property filters"],
  ["Expected object", "a property filter"],
])

const toInvalid = (issue: SchemaIssue.Issue): Invalid => {
  const issues = format(issue).issues.map(({ message, path = [] }) => ({
    message,
    path: path.map((part) => (typeof part === "object" ? part.key : part)),
  }))
  const [first] = issues
  // A cohort filter has fields of its own: its type says more than they do.
  const worst = issues.find(
    ({ message, path }) => message !== unknownField && path[0] === first?.path[0],
  )
  const { message, path } = worst ?? first ?? { message: "Expected array", path: [] }
  const steps = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
  return { field: [setting, ...steps].join(""), expected: messages.get(message) ?? message }
}

/** Reads a project's filters; the error names the field of the first that is wrong (SPEC §7). */
export const decode = (value: unknown): Result.Result<ReadonlyArray<PropertyFilter>, Invalid> =>
  Json.isDeeperThan(value, Json.depthMax)
    ? Result.fail({ field: setting, expected: `at most ${Json.depthMax} levels of nesting` })
    : Result.mapError(decodeAll(value), (error) => toInvalid(error.issue))

/** The filters that read only the person (SPEC §7). */
export const personFilters = (
  filters: ReadonlyArray<PropertyFilter>,
): ReadonlyArray<PropertyFilter> => filters.filter(({ type }) => type === "person")

/**
 * The properties that filters read, and the time, in epoch milliseconds, from which `-7d` counts.
 */
export interface Subject {
  readonly person: Json.JsonObject | undefined
  readonly event?: Json.JsonObject
  readonly now: number
}

/**
 * True if every filter holds, so that a query keeps the subject; a missing person or event has no
 * properties (P58).
 */
export const matchesAll = (filters: ReadonlyArray<PropertyFilter>, subject: Subject): boolean =>
  filters.every(({ type, key, operator, value }) => {
    const properties = type === "person" ? subject.person : subject.event
    return tests[operator](Json.get(properties ?? {}, key), listOf(value), subject.now)
  })

/** A filter with a list holds for any of its values; its negation, for none of them. */
const listOf = (value: Json.Json | undefined): ReadonlyArray<Json.Json> => {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

type Test = (found: Json.Json | undefined, wanted: ReadonlyArray<Json.Json>, now: number) => boolean

const not =
  (test: Test): Test =>
  (found, wanted, now) =>
    !test(found, wanted, now)

const exact: Test = (found, wanted) => {
  if (found === undefined) return false
  const text = FilterValue.textOf(found)
  return wanted.some((each) => FilterValue.textOf(each) === text)
}

const contains: Test = (found, wanted) => {
  const text = FilterValue.searchedOf(found)?.toLowerCase()
  if (text === undefined) return false
  return wanted.some((each) => text.includes(FilterValue.textOf(each).toLowerCase()))
}

/** An invalid pattern matches nothing, and its negation keeps nothing either (P58). */
const matches =
  (holds: boolean): Test =>
  (found, wanted) => {
    const patterns = wanted.map(FilterValue.textOf)
    if (!patterns.every(Re2Pattern.isPattern)) return false
    const text = FilterValue.searchedOf(found)
    return (
      holds === (text !== undefined && patterns.some((pattern) => Re2Pattern.isIn(pattern, text)))
    )
  }

const compares =
  (holds: (found: number, wanted: number) => boolean): Test =>
  (found, wanted) => {
    const number = FilterValue.numberOf(found)
    if (number === undefined) return false
    return wanted
      .map(FilterValue.numberOf)
      .some((each) => each !== undefined && holds(number, each))
  }

const isDated =
  (holds: (time: number, span: FilterValue.Span) => boolean): Test =>
  (found, wanted, now) => {
    const time = FilterValue.timeOf(found)
    if (time === undefined) return false
    const spans = wanted.map((each) => FilterValue.spanOf(each, now))
    return spans.some((span) => span !== undefined && holds(time, span))
  }

const isSet: Test = (found) => found !== undefined

const tests: Readonly<Record<Operator, Test>> = {
  exact,
  is_not: not(exact),
  icontains: contains,
  not_icontains: not(contains),
  regex: matches(true),
  not_regex: matches(false),
  gt: compares((found, wanted) => found > wanted),
  lt: compares((found, wanted) => found < wanted),
  gte: compares((found, wanted) => found >= wanted),
  lte: compares((found, wanted) => found <= wanted),
  is_set: isSet,
  is_not_set: not(isSet),
  is_date_exact: isDated((time, { start, end }) => time >= start && time < end),
  is_date_before: isDated((time, { start }) => time < start),
  is_date_after: isDated((time, { end }) => time >= end),
}
