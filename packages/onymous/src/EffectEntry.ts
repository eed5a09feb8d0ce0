/** What `import … from "onymous/effect"` gives: Onymous for programs in Effect. */
export {
  layer,
  layerMemory,
  layerOnClient,
  layerSql,
  type LayerOptions,
  Onymous,
} from "./OnymousEffect.ts"
export type { ProjectCalls } from "./calls/ProjectCalls.ts"
