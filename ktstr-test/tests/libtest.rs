//! The same attribute under Rust's own harness: functions are ordinary tests beside others.

#![forbid(unsafe_code)]

use ktstr_test::prelude::*;

#[ktstr_test(backend = "mock", topology = "1x2x4x1")]
fn steady(ctx: &Ctx) -> Result<RunReport, Error> {
    scenarios::steady(ctx)
}

#[ktstr_test(backend = "mock", topology = "1x1x1x1")]
fn too_small(ctx: &Ctx) -> Result<RunReport, Error> {
    scenarios::steady_llc(ctx)
}

#[test]
fn each_function_is_entered_once() {
    let names: Vec<_> = ktstr_test::entries().iter().map(|entry| entry.name()).collect();
    assert_eq!(names, ["steady", "too_small"]);
}

#[test]
fn each_canned_scenario_is_a_function() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let files = ktstr_file::suite::files_below(&folder).expect("the canned scenarios");
    let stem =
        |path: &std::path::PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().replace('-', "_"));
    let mut of_files: Vec<_> = files.iter().filter_map(stem).collect();
    of_files.sort();
    let mut functions: Vec<_> = scenarios::ALL.iter().map(|(name, _)| *name).collect();
    functions.sort();
    assert_eq!(functions, of_files);
    let ctx = Ctx::new("canned", Settings::NONE.backend(Backend::Mock).topology(Uniform::new(1, 2, 4, 1)));
    let ctx = ctx.expect("the mock");
    for (name, canned) in scenarios::ALL {
        assert!(canned(&ctx).expect(name).verdict.is_good(), "{name}");
    }
}
