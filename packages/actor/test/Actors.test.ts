import * as Actor from "../src/Actor.ts"
import * as Contract from "./Actors.contract.ts"

Contract.suite("in process", Actor.layer)
