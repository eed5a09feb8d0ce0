/**
 * The functions that answer questions on a `History`, as `Onymous.history` returns it.
 *
 * @module onymous/history
 */
export * as Bisect from "@onymous/timetravel/questions/Bisect"
export * as Difference from "@onymous/timetravel/questions/Difference"
export { History } from "@onymous/timetravel/history/History"
export * as PropertyBlame from "@onymous/timetravel/questions/story/PropertyBlame"
export * as Story from "@onymous/timetravel/questions/story/Story"
export * as Trace from "@onymous/timetravel/questions/trace/Trace"
export * as WhatIf from "@onymous/timetravel/questions/WhatIf"
export * as Why from "@onymous/timetravel/questions/Why"
