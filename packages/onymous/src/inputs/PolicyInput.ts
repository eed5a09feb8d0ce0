import { clean } from "@onymous/identity/encoding/Json"
import type * as Policy from "@onymous/identity/policy/Policy"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import * as Shape from "./InputShape.ts"

/** The policy change of an input; throws `InvalidInput`. */
export const toChange = (change: Policy.PolicyChange): Policy.PolicyChange =>
  Shape.orThrow(PolicyChange.decode(clean(Shape.toJson({ ...change }, "policy"))))
