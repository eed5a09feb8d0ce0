/** What may be asked of a `History`, as `Onymous.history` gives it. */
export * as Bisect from "@onymous/timetravel/Bisect"
export * as Difference from "@onymous/timetravel/Difference"
export { History } from "@onymous/timetravel/History"
export * as Story from "@onymous/timetravel/Story"
export * as Trace from "@onymous/timetravel/Trace"
export * as WhatIf from "@onymous/timetravel/WhatIf"
export * as Why from "@onymous/timetravel/Why"
