import { type ParseResult, type Program, Visitor } from "oxc-parser"
import { type File, lineAt } from "./Tree.ts"

/** Stands for whatever a module exports. */
export const everything = "*"

export interface Export {
  readonly name: string
  readonly line: number
  /** A type, or a class, which is a type too. */
  readonly isType: boolean
  /** The file speaks of it outside its declaration. */
  readonly isUsedHere: boolean
}

/** Where a name is spoken of, and which member is taken of what it stands for. */
interface Mention {
  readonly name: string
  readonly place: number
  readonly member: string | undefined
}

export interface Names {
  readonly exports: ReadonlyArray<Export>
  /** The members that are taken of a name, or everything where the name stands alone. */
  readonly membersOf: (name: string) => ReadonlyArray<string>
  /** The texts that stand in the code. */
  readonly texts: ReadonlySet<string>
}

/** What a file gives to others, and what it takes of what others gave to it. */
export const of = (file: File, { module, program }: ParseResult): Names => {
  const { mentions, texts } = mentioned(program)
  const declarations = declarationsOf(program)
  const byName = Map.groupBy(mentions, ({ name }) => name)
  const exports = module.staticExports
    .flatMap(({ entries }) => entries)
    .flatMap(({ exportName, localName, isType, start }): ReadonlyArray<Export> => {
      if (exportName.kind === "None") return []
      const own = declarations.filter(({ name }) => name === localName.name)
      const isOwn = ({ place }: Mention) =>
        own.some(({ start, end }) => start <= place && place < end)
      const isUsedHere = (byName.get(localName.name ?? "") ?? []).some((one) => !isOwn(one))
      const name = exportName.name ?? "default"
      const line = lineAt(file.text, own[0]?.start ?? start)
      return [{ name, line, isUsedHere, isType: isType || own.some((one) => one.isType) }]
    })
  return {
    exports: [...new Map(exports.toReversed().map((one) => [one.name, one])).values()].toReversed(),
    membersOf: (name) => (byName.get(name) ?? []).map(({ member }) => member ?? everything),
    texts,
  }
}

interface Place {
  readonly start: number
}

/** What the file mentions; a member, a key and a specifier's own words are no mentions. */
const mentioned = (program: Program) => {
  const mentions: Array<Mention> = []
  const texts = new Set<string>()
  const members = new Map<number, string>()
  const words = new Set<number>()
  const word = ({ start }: Place) => void words.add(start)
  const key = (node: { readonly computed: boolean; readonly key: Place }) => {
    if (!node.computed) word(node.key)
  }
  const taken = (
    of: Place & { readonly type: string },
    member: Place & { readonly name: string },
  ) => {
    if (of.type.endsWith("Identifier")) members.set(of.start, member.name)
    word(member)
  }
  new Visitor({
    // The visitor comes to a node before it comes to the node's parts.
    MemberExpression: ({ computed, object, property }) => {
      if (!computed && property.type === "Identifier") taken(object, property)
    },
    TSQualifiedName: ({ left, right }) => taken(left, right),
    JSXMemberExpression: ({ object, property }) => taken(object, property),
    Property: (node) => {
      if (!node.shorthand) key(node)
    },
    MethodDefinition: key,
    PropertyDefinition: key,
    TSPropertySignature: key,
    TSMethodSignature: key,
    ImportSpecifier: ({ imported, local }) => [imported, local].forEach(word),
    ImportDefaultSpecifier: ({ local }) => word(local),
    ImportNamespaceSpecifier: ({ local }) => word(local),
    ExportSpecifier: ({ local, exported }) => [local, exported].forEach(word),
    Identifier: ({ name, start }) => {
      if (!words.has(start)) mentions.push({ name, place: start, member: members.get(start) })
    },
    JSXIdentifier: ({ name, start }) =>
      void mentions.push({ name, place: start, member: members.get(start) }),
    Literal: ({ value }) => {
      if (typeof value === "string") texts.add(value)
    },
  }).visit(program)
  return { mentions, texts }
}

interface Declaration {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly isType: boolean
}

const declarationsOf = ({ body }: Program): ReadonlyArray<Declaration> =>
  body.flatMap((statement): ReadonlyArray<Declaration> => {
    const isExport =
      statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration"
    const declared = (isExport ? statement.declaration : undefined) ?? statement
    switch (declared.type) {
      case "VariableDeclaration":
        return declared.declarations.flatMap(({ id, start, end }) =>
          id.type === "Identifier" ? [{ name: id.name, start, end, isType: false }] : [],
        )
      case "FunctionDeclaration":
      case "ClassDeclaration":
      case "TSInterfaceDeclaration":
      case "TSTypeAliasDeclaration": {
        const { id, start, end, type } = declared
        return [{ name: id?.name ?? "", start, end, isType: type !== "FunctionDeclaration" }]
      }
      default:
        return []
    }
  })
