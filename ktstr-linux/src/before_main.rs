//! Code that runs before `main`, for programs whose `main` is not their own: a test binary that is its own
//! guest program. What runs there has to be content with little; for a guest's init that is all there is.

/// Calls a function without arguments before `main`. At most one for each program should decide not to
/// return.
#[macro_export]
macro_rules! before_main {
    ($function:path) => {
        const _: () = {
            extern "C" fn before_main() {
                $function();
            }

            // SAFETY: the loader calls each function of this section once, before `main`, with arguments that
            // the C calling convention lets a function ignore. Nothing else refers to it.
            #[used]
            #[unsafe(link_section = ".init_array")]
            static BEFORE_MAIN: extern "C" fn() = before_main;
        };
    };
}
