import { describe } from "@effect/vitest"
import type { Layer } from "effect"
import type * as Actors from "../src/Actors.ts"
import * as Endings from "./Endings.contract.ts"
import * as Failures from "./Failures.contract.ts"
import * as Messages from "./Messages.contract.ts"

/** What every layer of `Actors` keeps to; each rule builds the layer anew. */
export const suite = <E>(name: string, layer: Layer.Layer<Actors.Actors, E>) =>
  describe(`Actors, ${name}`, () => {
    describe("messages", () => Messages.rules(layer))
    describe("failures", () => Failures.rules(layer))
    describe("endings", () => Endings.rules(layer))
  })
