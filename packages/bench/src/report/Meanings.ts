/** A figure's description, and its target. */
export interface Meaning {
  readonly name: string
  readonly what: string
  readonly goal?: string
}

const busyFigure = (name: string, when: string): Meaning => ({
  name: `${name}_cores_busy`,
  what: `the share of their time for which all cores work ${when}`,
})

/** What transactions of a host cost others, which are open for some time, half of the time. */
const besideFigures = (ms: number, time: string): ReadonlyArray<Meaning> =>
  ["locked", "outbox"].flatMap((order) => [
    {
      name: `captures_beside_${order}_${ms}_ms_vs_none`,
      what: `what four others capture beside a host whose transactions capture under \`${order}\` and are open for ${time}, half of the time, against one whose transactions capture nothing`,
    },
    {
      name: `slowest_beside_${order}_${ms}_ms_vs_none`,
      what: "how long the slowest of these captures took, against the slowest beside the other",
    },
  ])

/** The figures of a run that the README shows. */
export const figures: ReadonlyArray<Meaning> = [
  { name: "append_events_per_s", what: "the log's append in batches of 1,000" },
  {
    name: "append_vs_unnest",
    what: "that, against a bare insert of the same columns into the same table",
    goal: "≥ 0.9",
  },
  { name: "append_vs_emmett", what: "append in batches of 100, against Emmett's", goal: "≥ 2" },
  {
    name: "unnest_100_vs_emmett",
    what: "a bare insert in batches of 100, against Emmett's append: the most that ours could come to",
  },
  {
    name: "capture_events_per_s",
    what: "gzip batches of 100 on 16 connections over HTTP, with the persons following",
  },
  {
    name: "capture_vs_unnest",
    what: "that, against the bare insert in batches of 1,000",
    goal: "≥ 0.6",
  },
  busyFigure("capture", "while events are captured, clients and database included"),
  {
    name: "capture_never_idle_vs_unnest",
    what: "what `capture_vs_unnest` would be if no core was ever idle: the most that this work could come to",
  },
  {
    name: "one_event_16_vs_1",
    what: "requests of one event: 16 connections against one",
    goal: "≥ 10",
  },
  busyFigure("one_event_16", "while 16 connections send one event a request"),
  {
    name: "one_event_16_never_idle_vs_1",
    what: "what `one_event_16_vs_1` would be if no core was ever idle",
  },
  {
    name: "http_16_vs_1",
    what: "as many requests to a door that keeps nothing, against one connection that captures",
  },
  ...besideFigures(100, "0.1 s"),
  ...besideFigures(1000, "1 s"),
  {
    name: "capture_p99_in_rebuild_vs_alone",
    what: "the slowest hundredth of captured events while the same server rebuilds, against without",
    goal: "≤ 2",
  },
  {
    name: "capture_p99_in_read_vs_alone",
    what: "the same while the client itself reads a log as fast as it can, and no rebuild is on its way",
  },
  {
    name: "reads_answered_in_rebuild",
    what: "the share of reads that are answered meanwhile",
    goal: "1",
  },
  {
    name: "projection_events_per_s",
    what: "a projector that catches up with a long log, from the first event on",
  },
  {
    name: "projection_vs_emmett",
    what: "that, against Emmett's consumer, which only counts",
    goal: "≥ 30",
  },
  busyFigure("projection", "while that projector catches up"),
  {
    name: "projection_never_idle_vs_emmett",
    what: "what `projection_vs_emmett` would be if no core was ever idle",
  },
  {
    name: "projection_vs_naive",
    what: "that, against a projector that commits every event alone",
  },
  { name: "rebuild_events_per_s", what: "deriving everything again", goal: "≥ 400,000" },
  busyFigure("rebuild", "during a rebuild"),
  {
    name: "rebuild_never_idle_events_per_s",
    what: "what a rebuild would come to if no core was ever idle",
  },
  {
    name: "rebuild_in_halves_vs_whole",
    what: "two processes that rebuild half of such a log each at once, against one with the whole: what dealing cones out to workers could come to, where what a rebuild costs whatever its log counts twice",
  },
  {
    name: "drain_events_per_s",
    what: "a plain select of the columns that a rebuild reads, of which nothing is made",
  },
  {
    name: "drain_as_arrays_events_per_s",
    what: "only reading as a rebuild reads: pages of 2,500 events, columns as arrays, all decoded",
  },
  { name: "rebuild_vs_drain", what: "a rebuild against the plain select", goal: "≥ 0.6" },
  { name: "rebuild_vs_read", what: "a rebuild against only reading as it reads" },
  {
    name: "rebuild_vs_rows_copied",
    what: "a rebuild against only copying the finished rows into tables with the same indexes",
  },
  {
    name: "follow_with_activity_vs_without",
    what: "append and projection with the counts that the page's strip is drawn from, against the same without them: what these cost",
    goal: "about 1",
  },
  {
    name: "rebuild_with_activity_vs_without",
    what: "the same of a rebuild",
    goal: "about 1",
  },
  {
    name: "fold_events_per_s",
    what: "the pure fold in memory, one event in ten an identify, before the process does anything but fold",
    goal: "≥ 1,500,000",
  },
  {
    name: "fold_unruled_events_per_s",
    what: "a fold written for this log alone, without rules and cones, that comes to the same persons and hash",
  },
  { name: "fold_vs_unruled", what: "the fold against that one" },
  { name: "fold_bytes_per_id", what: "what an id costs in memory", goal: "≤ 250" },
  {
    name: "merge_database_source_100_ms",
    what: "merging a person of 100 ids into one of one id, in the database",
  },
  {
    name: "merge_100k_vs_100",
    what: "a merge of a person of 100,000 ids against that of one of 100: the smaller side moves",
    goal: "about 1",
  },
  {
    name: "start_help_vs_node",
    what: "`onymous --help`, from before its process is there until it is gone, against `node -e 0`",
    goal: "< 3",
  },
  {
    name: "start_why_vs_node",
    what: "the same of `onymous why` about two ids of a file of 1,000 lines",
    goal: "< 6",
  },
  {
    name: "start_serve_vs_node",
    what: "the same of `onymous serve` on an embedded database that is there, until it tells where it is",
  },
]

/** A row of figures of something that grows. */
export interface GrownMeaning {
  readonly names: ReadonlyArray<string>
  readonly what: string
}

/** The table of something that grows; its size is a figure, too. */
export interface Growing {
  readonly of: string
  readonly heading: (count: string) => string
  readonly rows: ReadonlyArray<GrownMeaning>
}

const latencyRow = (name: string, what: string): GrownMeaning => ({
  names: [`${name}_p50_ms`, `${name}_p99_ms`],
  what,
})

/** The figures of a growing log. */
export const growth: Growing = {
  of: "events",
  heading: (count) => `at ${count} events`,
  rows: [
    { names: ["append_events_per_s"], what: "append, events/s" },
    { names: ["projection_events_per_s"], what: "projection of what comes, events/s" },
    latencyRow("lag", "from a batch of ten events to their persons, p50 and p99 in ms"),
    { names: ["rebuild_events_per_s"], what: "rebuild, events/s" },
    {
      names: ["rebuild_heap_bytes_per_event"],
      what: "the largest heap during a rebuild, garbage included, bytes an event",
    },
    latencyRow("as_of", "a person as of a position, p50 and p99 in ms"),
    latencyRow("why", "why, ms"),
    latencyRow("history", "history, ms"),
    latencyRow("bisect", "bisect, ms"),
    latencyRow("what_if_1000", "what if, on a person of 1,000 events, ms"),
  ],
}

/** The figures of a log that grows overnight. */
export const nightly: Growing = growth

const askedRow = (name: string, what: string): GrownMeaning => ({
  names: [`${name}_p50_ms`, `${name}_p95_ms`, `${name}_vs_select_1`],
  what: `${what}: p50, p95, against \`select 1\``,
})

/** The figures of what the page asks. */
export const page: Growing = {
  of: "events",
  heading: (count) => `at ${count} events`,
  rows: [
    { names: ["select_1_ms"], what: "`select 1`, without HTTP" },
    askedRow("activity", "the strip of the whole log, in 1,250 buckets (goal: under 1,000)"),
    askedRow("activity_zoomed", "the strip of 5,000 events"),
    askedRow("changes", "60 changes from anywhere on"),
    askedRow("change_before", "the last refusal or act before anywhere"),
    askedRow("around", "the events around a moment"),
    askedRow("seen_last", "50 events up to a moment"),
    askedRow("person", "a person at a moment"),
    askedRow("warnings", "all warnings up to a moment"),
    askedRow("merges", "merges worth a look, up to a moment"),
    askedRow("find", "ids that begin with a text"),
    askedRow("cone", "the cone of somebody"),
    askedRow("cone_of_many", "the cone of 3,000 ids, with 18,000 events"),
    { names: ["open_ms"], what: "opening that person's page, in a browser" },
    {
      names: ["step_p50_ms", "step_p95_ms"],
      what: "a step of the playhead there, until it is painted: p50, p95 (goal: under 100)",
    },
    { names: ["step_worked_ms"], what: "what the page's own thread works for a step" },
    { names: ["step_requests"], what: "questions about persons in 100 steps (goal: 0)" },
  ],
}

/** The figures of a growing number of small projects. */
export const projects: Growing = {
  of: "projects",
  heading: (count) => `with ${count} projects`,
  rows: [
    { names: ["projects_per_s"], what: "projects made and projected, a second" },
    latencyRow("find", "a person, p50 and p99 in ms"),
    latencyRow("rebuild", "a rebuild, ms"),
  ],
}
