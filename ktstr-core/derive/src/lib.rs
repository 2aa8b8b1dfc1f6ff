//! `#[derive(Payload)]`: a program to run beside the workers, written as attributes of a unit struct.
//! The derive turns them into a static of type `ktstr_core::Payload`; it implements no trait.
//! `#[ktstr_test]`: a function as a test of the crate `ktstr-test`.

mod attributes;
mod checks;
mod duration;
mod expand;
mod naming;
mod problems;
mod test_attribute;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a static `Payload` out of a unit struct.
///
/// The static has the struct's visibility and documentation, and its name less `Payload`, in upper snake
/// case: `struct BgLoadPayload;` gives `static BG_LOAD: Payload<'static>`.
///
/// | Attribute | Meaning |
/// |---|---|
/// | `#[payload(binary = "…")]` | the program: a path, or a name looked up in `PATH`; has to be there |
/// | `#[payload(name = "…")]` | what ops call it; the binary's file name where it is left out |
/// | `#[payload(output = …)]` | `exit_code` (the default) or `json` |
/// | `#[payload(timeout = "…")]` | longest wait where the op does not say: a number and `ns`, `us`, `ms`, `s`, `m` or `h` |
/// | `#[default_args("…", …)]` | arguments before those of a single run |
/// | `#[default_check(…, …)]` | `exit_code(n)`, `min("path", n)`, `max("path", n)`, `range("path", n, n)`, `exists("path")` |
/// | `#[metric(name = "…", polarity = …, unit = "…")]` | a metric that reports show; `higher_is_better`, `lower_is_better` or `unknown` |
/// | `#[include_files("…", …)]` | host paths of files it needs on another machine |
///
/// All but `#[payload]` can be repeated; what they list is put together in order. Words may be written in
/// snake or in camel case (`output = Json`). Bounds, codes and arguments can be constants as well as
/// literals. Checks and metrics read the output, so that they need `output = json`; only `exit_code` does
/// not.
///
/// ```
/// use ktstr_core::prelude::*;
///
/// #[derive(Payload)]
/// #[payload(binary = "/usr/bin/fio", output = json, timeout = "30s")]
/// #[default_args("--output-format=json", "--name=probe")]
/// #[default_check(exit_code(0), min("jobs.0.read.iops", 100.0))]
/// #[metric(name = "jobs.0.read.iops", polarity = higher_is_better, unit = "ops/s")]
/// struct DiskProbePayload;
///
/// assert_eq!(DISK_PROBE.name, "fio");
/// assert_eq!(DISK_PROBE.timeout, Some(std::time::Duration::from_secs(30)));
/// ```
#[proc_macro_derive(Payload, attributes(payload, default_args, default_check, metric, include_files))]
pub fn derive_payload(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::payload(&input).unwrap_or_else(|error| error.into_compile_error()).into()
}

/// Makes a function a test of the crate `ktstr-test`, whose documentation shows it whole.
///
/// ```ignore
/// #[ktstr_test(topology = "1x2x4x1", duration = "2s", backend = "vm")]
/// fn name(ctx: &Ctx) -> Result<RunReport, Error> {
///     execute_defs(ctx, [ctx.cgroup_def("cell")])
/// }
/// ```
///
/// | Word | Meaning |
/// |---|---|
/// | `backend = "…"` | `auto`, `linux`, `vm` or `mock` |
/// | `topology = "…"` | nodes, LLCs, cores and threads of the mock or the virtual machine |
/// | `duration = "…"` | what the holds of a scenario share out |
/// | `workers = N` | how many a group has that does not say |
/// | `seed = N` | what random choices start from |
/// | `kernel = "…"` | the kernel of the virtual machine |
/// | `watchdog = "…"` | how long a virtual machine may take by this machine's clock |
/// | `scheduler = …` | a static `Scheduler` that all runs have |
/// | `checks = …` | the `Checks` that all runs have |
///
/// All may be left out. `#[ignore]` and `#[cfg]` mean what they mean on a test.
#[proc_macro_attribute]
pub fn ktstr_test(words: TokenStream, item: TokenStream) -> TokenStream {
    let asked = parse_macro_input!(words as test_attribute::Asked);
    let function = parse_macro_input!(item as test_attribute::Function);
    test_attribute::expand(&asked, &function).unwrap_or_else(|error| error.into_compile_error()).into()
}
