//! Runs a scenario file in a guest and prints the report. Arguments: file, kernel, seed, and `saved` to go on
//! from a saved state.

use ktstr_file::ScenarioFile;
use ktstr_vm::{Cache, Vm, guest_runs_scenarios, resolve};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    guest_runs_scenarios();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, kernel, seed, rest @ ..] = &args[..] else {
        return Err("usage: FILE KERNEL SEED [saved]".into());
    };
    let file = ScenarioFile::read(file)?;
    let cache = Cache::of_user();
    let mut vm = Vm::new(resolve(kernel, &cache)?).seed(seed.parse()?);
    if rest.iter().any(|word| word == "saved") {
        vm = vm.saved_states(cache);
    }
    match vm.run(file.scenario()) {
        Ok(ran) => {
            print!("{}", ran.report.to_json());
            eprintln!("{} after {:?}", ran.report.verdict.name(), ran.run.elapsed);
            Ok(())
        }
        Err(error) => {
            Err(format!("[{}] {error}; {}\n{}", error.code(), error.cure(), error.console().unwrap_or(""))
                .into())
        }
    }
}
