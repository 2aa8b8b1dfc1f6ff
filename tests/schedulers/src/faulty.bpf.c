// Queues all tasks first come, first served, and after some time goes wrong in the way that was asked for. The few types of
// the kernel that it touches are declared with the members it needs; the loader matches them by name.

typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long s64;

#define SEC(name) __attribute__((section(name), used))
#define KSYM __attribute__((section(".ksyms")))

#define PF_KTHREAD 0x00200000
#define DSQ_GLOBAL ((1ULL << 63) | 1)
#define DSQ_LOCAL_ON ((1ULL << 63) | (1ULL << 62))
#define SLICE 5000000ULL

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct task_struct {
	u32 flags;
	int pid;
	int tgid;
};
#pragma clang attribute pop

struct sched_ext_ops {
	int (*enqueue)(u64 *ctx);
	u32 timeout_ms;
	char name[128];
};

extern void scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) KSYM;
extern void scx_bpf_error_bstr(char *fmt, u64 *data, u32 data__sz) KSYM;
extern void scx_bpf_exit_bstr(s64 exit_code, char *fmt, u64 *data, u32 data__sz) KSYM;
static u64 (*bpf_ktime_get_ns)(void) = (void *)5;

enum { NOTHING, STALL, ERROR, EXIT, CPU };

struct ask {
	u32 what;
	u32 loader;
	u64 after_ns;
	s64 code;
};
const volatile struct ask ask SEC(".rodata.ask") = {};

u64 began;
int victim;

SEC("struct_ops/enqueue")
int enqueue(u64 *ctx)
{
	struct task_struct *p = (void *)ctx[0];
	u64 flags = ctx[1], now = bpf_ktime_get_ns(), none = 0;
	u32 what = ask.what;

	if (!began)
		began = now;
	if (what == NOTHING || now - began < ask.after_ns)
		goto queue;
	if (what == ERROR) {
		static char fmt[] = "asked to err";
		scx_bpf_error_bstr(fmt, &none, 0);
	} else if (what == EXIT) {
		static char fmt[] = "asked to leave";
		scx_bpf_exit_bstr(ask.code, fmt, &none, 0);
	} else if (what == CPU) {
		scx_bpf_dsq_insert(p, DSQ_LOCAL_ON | 4000, SLICE, flags);
		return 0;
	} else if (!(p->flags & PF_KTHREAD) && p->tgid != 1 && p->tgid != (int)ask.loader) {
		if (!victim)
			victim = p->pid;
		if (victim == p->pid)
			return 0; // never queued again
	}
queue:
	scx_bpf_dsq_insert(p, DSQ_GLOBAL, SLICE, flags);
	return 0;
}

SEC(".struct_ops.link")
struct sched_ext_ops faulty = {
	.enqueue = enqueue,
	.timeout_ms = 500,
	.name = "faulty",
};

SEC("license") char terms[] = "Dual MIT/GPL";
