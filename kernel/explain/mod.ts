/**
 * Explanations of what Linux makes of a device tree, and of why a device has its driver or none.
 *
 * @module
 */
export type { AddressExplanation, AddressStep } from "./address.ts";
export { explainAddress } from "./address.ts";
export type { InterruptExplanation, InterruptStep } from "./interrupt.ts";
export { explainInterrupt } from "./interrupt.ts";
export type {
  DeviceExplanation,
  DeviceStep,
  DriverMatch,
  DriverTable,
  NearMiss,
} from "./device.ts";
export { devicesOf, explainDevice } from "./device.ts";
export type { OverlayExplanation, OverlayLabel } from "./overlay.ts";
export { explainOverlay } from "./overlay.ts";
export type { BindingAttempt, BindingExplanation, BindingFinding, DriverFit } from "./binding.ts";
export { explainBinding, NoDeviceError, renderAttempts, renderBinding } from "./binding.ts";
export { renderAddress, renderDevice, renderInterrupt, renderOverlay } from "./render.ts";
