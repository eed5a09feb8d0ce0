import type { Phase, Progress } from "@onymous/projector/rebuild/Rebuild"
import { events, type Step } from "./ProgressBar.ts"
import type { ProgressLine } from "./ProgressLine.ts"

const steps: Readonly<Record<Phase, Step>> = {
  deriving: { name: "1/4 deriving", unit: events },
  indexing: { name: "2/4 making indexes" },
  comparing: { name: "3/4 comparing" },
  publishing: { name: "4/4 publishing" },
}

/** Shows a step of a rebuild; events that another rebuild has derived, up to `left`, do not count in the rate. */
export const showRebuild = (
  line: ProgressLine,
  {
    phase,
    position,
    head,
  }: Pick<Progress, "phase"> & Readonly<Record<"position" | "head", number>>,
  left = 0,
): void => line.show(steps[phase], position, head, Math.max(left, position))
