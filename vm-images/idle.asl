/* The one sleeping state of a machine's processor: HLT. QEMU names none, and a kernel
 * without any has no governor that foretells how long it will sleep. It then keeps its tick
 * for one more period each time it falls asleep (Debian's 6.1.192, kernel/sched/idle.c), so
 * that a controller wakes twice for every scan. The kernel finds this table in the first
 * archive of the initramfs (Documentation/admin-guide/acpi/initrd_table_override.rst).
 * Where QEMU calls the processor by another name it is void, and nothing else changes. */
DefinitionBlock ("", "SSDT", 2, "YANWU", "IDLE", 1)
{
    External (\_SB.CPUS.C000, DeviceObj)

    Scope (\_SB.CPUS.C000)
    {
        Name (_CST, Package () /* ACPI 6.4, 8.4.2.1: register, type, latency us, power mW */
        {
            1,
            Package () { ResourceTemplate () { Register (FFixedHW, 0, 0, 0) }, 1, 1, 1000 }
        })
    }
}
