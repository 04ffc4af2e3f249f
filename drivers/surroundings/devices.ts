/**
 * Devices of the reference kernel that belong to no subject of this program: their folders below
 * `/sys/devices`, the bus or class that lists them, their driver and their number.
 *
 * @module
 */

/**
 * `PATH [SUBSYSTEM [DRIVER [MAJOR:MINOR]]]` lines, parents first; a minus stands for what a device does not
 * have. One whose platform device is not on this board is left out.
 */
export const DEVICES = `
armv8_pmuv3 bus/event_source
breakpoint bus/event_source
kprobe bus/event_source
software bus/event_source
tracepoint bus/event_source
uprobe bus/event_source
platform/4010000000.pcie/pci0000:00
platform/4010000000.pcie/pci0000:00/0000:00:00.0 bus/pci
platform/4010000000.pcie/pci0000:00/pci_bus/0000:00 class/pci_bus
platform/9010000.pl031/rtc/rtc0 class/rtc - 251:0
platform/9010000.pl031/rtc/rtc0/alarmtimer.0.auto bus/platform alarmtimer
platform/9010000.pl031/rtc/rtc0/alarmtimer.0.auto/wakeup/wakeup1 class/wakeup
platform/9010000.pl031/wakeup/wakeup0 class/wakeup
platform/9030000.pl061/gpio/gpiochip504 class/gpio
platform/9030000.pl061/gpiochip0 bus/gpio - 254:0
platform/platform-framebuffer.0 bus/platform
platform/psci-cpuidle bus/platform
platform/reg-dummy bus/platform reg-dummy
platform/reg-dummy/regulator/regulator.0 class/regulator
platform/serial8250 bus/platform serial8250
platform/serial8250/tty/ttyS0 class/tty - 4:64
platform/serial8250/tty/ttyS1 class/tty - 4:65
platform/serial8250/tty/ttyS2 class/tty - 4:66
platform/serial8250/tty/ttyS3 class/tty - 4:67
system/clockevents
system/clockevents/broadcast bus/clockevents
system/clockevents/clockevent0 bus/clockevents
system/clocksource
system/clocksource/clocksource0 bus/clocksource
system/container
system/cpu
system/edac
system/edac/mc bus/edac
system/memory
system/node
system/node/node0 bus/node
virtual/graphics/fbcon class/graphics
virtual/memory_tiering
virtual/memory_tiering/memory_tier4 bus/memory_tiering
virtual/vc/vcs class/vc - 7:0
virtual/vc/vcs1 class/vc - 7:1
virtual/vc/vcsa class/vc - 7:128
virtual/vc/vcsa1 class/vc - 7:129
virtual/vc/vcsu class/vc - 7:64
virtual/vc/vcsu1 class/vc - 7:65
virtual/vtconsole/vtcon0 class/vtconsole
virtual/workqueue
virtual/workqueue/blkcg_punt_bio bus/workqueue
virtual/workqueue/writeback bus/workqueue
`;

/** Classes without a device that is modelled. */
export const CLASSES = `
  backlight bsg devcoredump devfreq devfreq-event dma extcon gpio graphics i2c-adapter iommu
  k3_udma_glue_chan mbox mmc_host pci_bus phy power_supply pps ptp pwm regulator remoteproc rtc
  spi_master spidev thermal tpm tpmrm vc vtconsole wakeup watchdog
`;

/**
 * What these devices say when the machine goes to sleep and comes back, the oldest first: a word each for the
 * device behind which one stands (a minus for the first), driver or class, name and parent, and then for each
 * phase `PHASE=FUNCTION+SIZE`, where the size is hexadecimal.
 */
export const SLEEPERS = `
- reg-dummy reg-dummy platform suspend=platform_pm_suspend+7c resume=platform_pm_resume+70
- regulator regulator.0 reg-dummy suspend=regulator_suspend+120 resume=regulator_resume+190
timer pci 0000:00:00.0 pci0000:00 suspend=pci_pm_suspend+1c0 suspend_late=pci_pm_suspend_late+60 suspend_noirq=pci_pm_suspend_noirq+2c0 resume_noirq=pci_pm_resume_noirq+1a0 resume_early=pci_pm_resume_early+54 resume=pci_pm_resume+120
timer serial8250 serial8250 platform suspend=platform_pm_suspend+7c resume=platform_pm_resume+70
timer rtc rtc0 9010000.pl031 suspend=rtc_suspend+1a4 resume=rtc_resume+1ec
timer alarmtimer alarmtimer.0.auto rtc0 suspend=platform_pm_suspend+7c resume=platform_pm_resume+70
timer platform psci-cpuidle platform suspend=platform_pm_suspend+7c resume=platform_pm_resume+70
timer platform platform-framebuffer.0 platform suspend=platform_pm_suspend+7c resume=platform_pm_resume+70
`;
