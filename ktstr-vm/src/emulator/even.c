/*
 * Lets QEMU share counted time evenly among virtual CPUs. Loaded as a plugin, so that nothing of QEMU is built or changed on
 * disk; it does nothing but to replace one function.
 *
 * With counted instructions QEMU plays all CPUs in turn, in rounds: each gets its share of the time until the next timer. When a
 * CPU sets an earlier timer, or one is due, QEMU wakes "the CPU", and its function for that ends the turns of all of them. Each
 * CPU then begins a round of its own, with a share of what the ones before it have left: of four the first gets 4/16, the
 * second 3/16, and so on, after every timer. Here a due timer ends nobody's turn, since the budget is worked out anew after it
 * anyway, and an earlier one ends only the turn that set it. What other threads of QEMU want is done as before.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Of the timers of guest time, all. */
enum { CLOCK_VIRTUAL = 1, EVERY_TIMER = ~0 };

typedef struct CPUState CPUState;

int qemu_plugin_version = PLUGIN_API;
extern void qemu_plugin_register_vcpu_init_cb(uint64_t id, void (*begin)(void));

static void (*kick_all)(CPUState *);
static void (*end_turn)(CPUState *);
static bool (*in_cpu_thread)(void);
static int64_t (*next_timer)(int clock, int attributes);
static void *(*class_by_name)(const char *);

static void kick(CPUState *cpu)
{
    if (!in_cpu_thread())
        kick_all(cpu);
    else if (next_timer(CLOCK_VIRTUAL, EVERY_TIMER) > 0)
        end_turn(cpu);
}

/* When the first CPU begins, the table of functions is filled in; QEMU's is found in it by its address. */
static void begin(void)
{
    static bool done;
    void **table = class_by_name("tcg-accel-ops");

    for (int at = 0; table && !done && at < 32; at++) {
        if (table[at] == (void *)kick_all) {
            table[at] = (void *)kick;
            done = true;
            fputs("ktstr: even\n", stderr);
        }
    }
    if (!done) {
        fputs("ktstr: QEMU's function that wakes CPUs is not where it was expected\n", stderr);
        exit(1);
    }
}

int qemu_plugin_install(uint64_t id, const void *info, int count, char **words)
{
    kick_all = dlsym(RTLD_DEFAULT, "rr_kick_vcpu_thread");
    end_turn = dlsym(RTLD_DEFAULT, "cpu_exit");
    in_cpu_thread = dlsym(RTLD_DEFAULT, "qemu_in_vcpu_thread");
    next_timer = dlsym(RTLD_DEFAULT, "qemu_clock_deadline_ns_all");
    class_by_name = dlsym(RTLD_DEFAULT, "object_class_by_name");
    if (!kick_all || !end_turn || !in_cpu_thread || !next_timer || !class_by_name)
        return 1;
    qemu_plugin_register_vcpu_init_cb(id, begin);
    return 0;
}
