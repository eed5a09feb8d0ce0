import * as Actors from "../src/Actors.ts"
import * as Contract from "./Actors.contract.ts"

Contract.suite("in process", Actors.layer)
