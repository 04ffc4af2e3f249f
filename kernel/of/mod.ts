/**
 * Device trees: reading and writing both forms, and what Linux's Open Firmware functions make of them.
 *
 * @module
 */
export * from "./node.ts";
export * from "./tree.ts";
export * from "./fdt.ts";
export { flattenDeviceTree } from "./fdt_write.ts";
export * from "./base.ts";
export * from "./property.ts";
export * from "./phandle.ts";
export * from "./alias.ts";
export * from "./bus.ts";
export * from "./address.ts";
export * from "./range.ts";
export * from "./irq.ts";
export * from "./device.ts";
export * from "./platform.ts";
export type { CompileNode } from "./compile_node.ts";
export type { CompileLabel } from "./compile_label.ts";
export type { CompileProperty } from "./compile_property.ts";
export type { CompileMarker } from "./markers.ts";
export * from "./dts/ast.ts";
export * from "./dts/diagnostic.ts";
export type { ReadFile } from "./dts/include.ts";
export type { Compat } from "./dts/lexer.ts";
export * from "./dts/origins.ts";
export * from "./dts/parse_ast.ts";
export { parseDts, type ParseDtsOptions } from "./dts/parse.ts";
export { renderDiagnostics, type RenderOptions } from "./dts/render.ts";
export * from "./dts/source.ts";
export * from "./dts/value_parts.ts";
export { addDts } from "./dts/add.ts";
export { writeDts } from "./dts/write.ts";
