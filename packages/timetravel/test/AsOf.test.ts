import { Array as Arr, Effect, Layer } from "effect"
import { inMemory, onDatabase } from "./asOfLayers.ts"
import { suite } from "./AsOf.contract.ts"

const one = <R, E>(layer: Layer.Layer<R, E>) =>
  Effect.map(Layer.build(layer), (process) => ({ writer: process, reader: process }))

suite("memory", one(inMemory), Arr.range(1, 10))
suite("PGlite", one(onDatabase("memory")), [11, 12])
