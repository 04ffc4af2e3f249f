/**
 * Buses of the reference kernel and their drivers, as `/sys/bus` shows them beside what is modelled. A name that
 * starts with a minus has no `bind` and `unbind`; a tilde stands for a blank.
 *
 * @module
 */

/** Names of drivers by bus. */
export const BUS_DRIVERS: Readonly<Record<string, string>> = {
  amba: "amba-proxy clcd-pl11x uart-pl010",
  auxiliary: "",
  clockevents: "",
  clocksource: "",
  container: "",
  coreboot: "framebuffer",
  cpu: "",
  cxl: "cxl_port cxl_region",
  edac: "",
  event_source: "",
  "fsl-mc": "fsl_mc_allocator fsl_mc_dprc",
  genpd: "",
  gpio: "gpio_stub_drv",
  "host1x-context": "",
  i2c: `
    dummy max77620 pca953x rk808 rtc-ds1307 rtc-pcf85063 rtc-pcf8563 si5341 simple-mfd-i2c
  `,
  memory: "",
  memory_tiering: "",
  "mipi-dsi": "",
  mmc: "mmcblk",
  mmc_rpmb: "",
  node: "",
  nvmem: "",
  pci: "8250_pericom pcieport serial shpchp",
  pci_express: "aer dpc pcie_pme pciehp",
  platform: `
    ARM-CCI -ARM-CCI~PMU -Hisilicon~MBIGEN-V2 ac5-pinctrl acpi-fan acpi-ged advk-pcie alarmtimer
    amd_gpio amlogic_thermal -arm-scmi -arm-smmu -arm-smmu-v3 armada-ap806-pinctrl
    armada-cp110-pinctrl -armada8k-pcie axg-aoclkc axg-clkc basic-mmio-gpio bcm2835-aux-clk
    bcm2835-aux-uart bcm2835-clk bcm2835-dma bcm2835-mbox bcm2835-pm bcm2835-power bcm_voter
    brcm-pcie brcm-rescal-reset brcm2711-dvp brcmstb-i2c brcmstb-reset -brcmstb_l2 clk-rpmh
    -cmd-db coreboot_table davinci_gpio dw-apb-uart efi-framebuffer exiu fsl-16550-uart fsl-lpuart
    fsl-sai-clk fsl_mc_bus g12a-aoclkc g12a-clkc gcc-msm8916 gcc-msm8996 gcc-sdm845 geni_se_qup
    gic gpio-clk gpio-mpc8xxx -gpio-mxc gxbb-aoclkc gxbb-clkc hi3516cv300-crg hi3519-clk
    hi3559av100-clock hi3660-clk hi3660-mbox hi3660-reset hi3660-stub-clk hi3670-clk
    hi3798cv200-crg hi6220-mbox hi6220-stub-clk hisi-lpc -hisi-pcie-almost-ecam hisi-reboot
    -hisi_cpa_pmu -hisi_ddrc_pmu -hisi_hha_pmu -hisi_l3c_pmu -hisi_pa_pmu -hisi_sllc_pmu imx-gpcv2
    imx-intmux imx-irqsteer imx-pgc imx-uart -imx6q-pcie imx8m-blk-ctrl -imx8mm-ccm
    -imx8mm-pinctrl -imx8mn-ccm -imx8mn-pinctrl imx8mp-blk-ctrl -imx8mp-ccm -imx8mp-pinctrl
    -imx8mq-ccm -imx8mq-pinctrl imx93-blk-ctrl imx93_power_domain imx93_src -j721e-pcie
    k3-chipinfo -k3-ringacc -kirin-pcie -layerscape-pcie ls-scfg-msi -marvell-ap806-clock
    -marvell-ap806-system-controller marvell-armada-3700-periph-clock
    marvell-armada-3700-tbg-clock marvell-armada-3700-xtal-clock -marvell-cp110-clock
    -marvell-cp110-system-controller0 max77620-gpio max77620-pinctrl max77686-rtc meson-a1-pinctrl
    meson-axg-pinctrl meson-g12a-pinctrl meson-gxbb-pinctrl meson-gxl-pinctrl meson-s4-pinctrl
    meson_ee_pwrc -meson_gpio_intc meson_gx_pwrc_vpu meson_msr meson_reset meson_secure_pwrc
    meson_uart mmcc-msm8996 modepin-gpio msm-restart msm8916-pinctrl msm8996-pinctrl msm_serial
    mv_xor mv_xor_v2 mvebu-gicp mvebu-gpio mvebu-icu mvebu-icu-subset mvebu-pic mvebu-sei
    -mvebu-uart mvebu-uart-clock mx3_sdc_fb -nwl-pcie of_fixed_clk of_fixed_factor_clk of_serial
    omap-mailbox omap8250 omap_timer pci-host-generic -pci_thunder_ecam -pci_thunder_pem
    phy-axg-mipi-pcie-analog phy-axg-pcie phy-g12a-usb3-pcie phy-meson-axg-mipi-dphy
    phy-meson-g12a-mipi-dphy-analog phy-meson-g12a-usb2 phy-meson-gxl-usb2 -pinctrl-bcm2835
    pinctrl-single plldig-clock psci-cpuidle psci-cpuidle-domain pwrseq_emmc pwrseq_simple
    qcom-ebi2 qcom-hfpll qcom-iommu qcom-iommu-ctx qcom-irq-combiner -qcom-l2cache-pmu
    -qcom-l3cache-pmu -qcom-pcie -qcom-rpmhpd qcom-spmi-gpio qcom-spmi-mpp qcom-ssbi-gpio
    qcom-ssbi-mpp -qcom_aoss_qmp qcom_aoss_reset qcom_geni_serial -qcom_pdc -qcom_scm qnoc-sdm845
    raspberrypi-clk raspberrypi-exp-gpio raspberrypi-firmware raspberrypi-power reg-dummy
    renesas_irqc reset-hi6220 reset_zynqmp rk805-pinctrl rk808-clkout rk808-rtc -rk_iommu
    -rockchip-dw-pcie rockchip-gpio rockchip-pcie rockchip-pinctrl -rockchip-pm-domain -rpmh rproc-virtio
    -sbsa-uart sdei sdm845-pinctrl serial-tegra serial8250 sh-pfc sh-sci sh_cmt sh_tmu
    simple-framebuffer simple-pm-bus simple-reset sl28cpld-intc spmi_pmic_arb sram
    -sun50i-a100-ccu sun50i-a100-pinctrl -sun50i-a100-r-ccu sun50i-a100-r-pinctrl -sun50i-a64-ccu
    sun50i-a64-pinctrl sun50i-a64-r-pinctrl sun50i-de2-bus sun50i-h5-pinctrl -sun50i-h6-ccu
    sun50i-h6-pinctrl -sun50i-h6-r-ccu sun50i-h6-r-pinctrl -sun50i-h616-ccu sun50i-h616-pinctrl
    sun50i-h616-r-pinctrl sun6i-msgbox sun6i-rtc -sun8i-h3-ccu sun8i-h3-r-pinctrl -sun8i-r-ccu
    sunxi-de2-clks sunxi-rsb syscon syscon-poweroff syscon-reboot tegra-aconnect tegra-adma
    tegra-ahb tegra-apbdma -tegra-clock -tegra-flowctrl -tegra-fuse tegra-gpio -tegra-mc
    -tegra-pcie -tegra-pmc tegra-uart tegra124-dfll tegra124-pinctrl tegra210-pinctrl tegra_rtc
    tegra_soctherm -ti-bcdma ti-msgmgr -ti-pktdma -ti-sci ti-sci-clk ti-sci-inta ti-sci-intr
    ti-sci-reset ti-syscon-gate-clk -ti-udma ti_sci_pm_domains vexpress-osc -vexpress-reset
    vexpress-syscfg vexpress-sysreg xgene-gpio xgene-msi -xgene-pcie -xgene-pmu xgene-reboot
    xgene-rtc xlnx_event_manager xlp-gpio -xuartps zynqmp-ipi zynqmp-pinctrl zynqmp_clock
    zynqmp_firmware zynqmp_power zynqmp_power_controller
  `,
  pnp: "serial system",
  scmi_protocol: "scmi-clocks scmi-power-domain scmi-reset",
  sdio: "",
  serial: "",
  serio: "atkbd psmouse",
  soc: "",
  spi: "spidev",
  spmi: "",
  "sunxi-rsb": "",
  workqueue: "",
  xen: "",
  "xen-backend": "",
};
