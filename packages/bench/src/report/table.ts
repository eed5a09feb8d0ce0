import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import { rewrite } from "./Readme.ts"

NodeRuntime.runMain(Effect.provide(rewrite, NodeServices.layer))
