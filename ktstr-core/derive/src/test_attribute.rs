//! `#[ktstr_test(…)]`: a function that is given a context, as a test. What its words ask for is a constant of
//! the type `ktstr_test::Settings`.

use crate::duration;
use crate::problems::Problems;
use proc_macro2::{TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprLit, Ident, Lit, LitStr, Meta, Token, Visibility};

/// The words of the attribute.
const WORDS: [&str; 9] =
    ["backend", "topology", "duration", "workers", "seed", "kernel", "watchdog", "scheduler", "checks"];

/// One word with its value.
struct Said {
    word: Ident,
    value: Expr,
}

impl Parse for Said {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let word: Ident = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(Self { word, value: input.parse()? })
    }
}

/// What the attribute says.
pub(crate) struct Asked(Punctuated<Said, Token![,]>);

impl Parse for Asked {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        Punctuated::parse_terminated(input).map(Self)
    }
}

/// A function of which all but the name is passed on as it is.
pub(crate) struct Function {
    attributes: Vec<Attribute>,
    name: Ident,
    rest: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        if !input.peek(Token![fn]) {
            return Err(input.error("a test is a plain function: `fn name(ctx: &Ctx)`"));
        }
        input.parse::<Token![fn]>()?;
        let name: Ident = input.parse()?;
        let rest: TokenStream = input.parse()?;
        match rest.clone().into_iter().next() {
            Some(TokenTree::Group(arguments)) if arguments.stream().is_empty() => Err(Error::new(
                arguments.span(),
                format!("a test is given its machine: `fn {name}(ctx: &Ctx)`"),
            )),
            Some(TokenTree::Group(_)) => Ok(Self { attributes, name, rest }),
            _ => Err(Error::new(name.span(), "a test cannot be generic: it is called once, as it is")),
        }
    }
}

/// The function as a test.
///
/// # Errors
/// Everything that is wrong with the attribute.
pub(crate) fn expand(asked: &Asked, function: &Function) -> Result<TokenStream, Error> {
    let mut problems = Problems::default();
    let mut settings = quote!(::ktstr_test::Settings::NONE);
    for (at, said) in asked.0.iter().enumerate() {
        let word = said.word.to_string();
        if asked.0.iter().take(at).any(|other| other.word == said.word) {
            problems.push(Error::new(said.word.span(), format!("`{word}` is given twice")));
        }
        settings.extend(problems.take(setting(&word, said)));
    }
    let ignored = ignored(&function.attributes);
    let Function { attributes, name, rest } = function;
    let is =
        |attribute: &&Attribute, words: &[&str]| words.iter().any(|word| attribute.path().is_ident(word));
    if let Some(panics) = attributes.iter().find(|attribute| is(attribute, &["should_panic", "test"])) {
        let cure = "say in the function what is expected; the attribute makes it a test";
        problems.push(Error::new(panics.span(), cure));
    }
    let conditions: Vec<_> = attributes.iter().filter(|attribute| is(attribute, &["cfg"])).collect();
    let outer: Vec<_> =
        attributes.iter().filter(|attribute| is(attribute, &["doc", "ignore", "cfg"])).collect();
    let own = attributes.iter().filter(|attribute| !is(attribute, &["ignore", "cfg"]));
    let text = name.to_string();
    let path = quote!(::core::concat!(::core::module_path!(), "::", #text));
    problems.finish(quote! {
        #(#conditions)*
        const _: () = {
            #(#own)*
            fn #name #rest

            static ENTRY: ::ktstr_test::Entry = ::ktstr_test::Entry {
                path: #path,
                ignored: #ignored,
                settings: #settings,
                run: |ctx| ::ktstr_test::Returned::into_answer(#name(ctx)),
            };

            fn enter() {
                ::ktstr_test::register(&ENTRY);
            }
            ::ktstr_test::before_main!(enter);
        };

        // With Rust's own harness it is a test of that; a program with `harness = false` has none of these.
        #(#outer)*
        #[test]
        fn #name() {
            ::ktstr_test::run_in_libtest(#path);
        }
    })
}

/// The call that a word comes to.
fn setting(word: &str, said: &Said) -> Result<TokenStream, Error> {
    let value = &said.value;
    let wrong = |what: &str| Error::new(value.span(), what);
    match word {
        "backend" => {
            let name = text(value).ok_or_else(|| wrong("write it as in `backend = \"vm\"`"))?;
            let variant = match name.value().as_str() {
                "auto" => quote!(Auto),
                "linux" => quote!(Linux),
                "vm" => quote!(Vm),
                "mock" => quote!(Mock),
                other => {
                    return Err(wrong(&format!(
                        "`{other}` is no backend; there are auto, linux, vm and mock"
                    )));
                }
            };
            Ok(quote!(.backend(::ktstr_test::Backend::#variant)))
        }
        "topology" => {
            let cure = "write nodes, LLCs, cores and threads, as in `topology = \"1x2x4x1\"`";
            let shape = text(value).and_then(|text| numbers(&text.value())).ok_or_else(|| wrong(cure))?;
            let [nodes, llcs, cores, threads] = shape;
            Ok(quote!(.topology(::ktstr_test::Uniform::new(#nodes, #llcs, #cores, #threads))))
        }
        "duration" | "watchdog" => {
            let word = &said.word;
            let cure = format!("write a number and a unit, as in `{word} = \"2s\"`; it has to be above zero");
            let time = text(value).and_then(|text| duration::nanoseconds(&text.value()));
            let time = time.ok_or_else(|| wrong(&cure))?;
            Ok(quote!(.#word(::core::time::Duration::from_nanos(#time))))
        }
        // A type that does not fit is said by the compiler, at the value.
        "scheduler" => Ok(quote_spanned!(value.span()=> .scheduler(&#value))),
        "workers" | "seed" | "kernel" | "checks" => {
            let word = &said.word;
            Ok(quote_spanned!(value.span()=> .#word(#value)))
        }
        other => {
            let all = WORDS.join(", ");
            Err(Error::new(said.word.span(), format!("`{other}` is not known here; there are {all}")))
        }
    }
}

fn text(value: &Expr) -> Option<&LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
        _ => None,
    }
}

/// Four numbers above zero with `x` between them, for at most 64 nodes and 1,024 CPUs.
fn numbers(text: &str) -> Option<[u16; 4]> {
    let parts: Vec<u16> = text.split('x').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let shape: [u16; 4] = parts.try_into().ok()?;
    let cpus: u64 = shape.iter().map(|number| u64::from(*number)).product();
    ((1..=1024).contains(&cpus) && shape[0] <= 64).then_some(shape)
}

/// Whether `#[ignore]` is among the attributes, and its reason.
fn ignored(attributes: &[Attribute]) -> TokenStream {
    let Some(ignore) = attributes.iter().find(|attribute| attribute.path().is_ident("ignore")) else {
        return quote!(::core::option::Option::None);
    };
    match &ignore.meta {
        Meta::NameValue(reason) => {
            let reason = &reason.value;
            quote!(::core::option::Option::Some(#reason))
        }
        Meta::Path(_) | Meta::List(_) => quote!(::core::option::Option::Some("")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Function, expand, numbers};

    fn made(words: &str, function: &str) -> Result<String, String> {
        let all = |error: syn::Error| {
            let messages: Vec<_> = error.into_iter().map(|error| error.to_string()).collect();
            messages.join("; ")
        };
        let asked: Asked = syn::parse_str(words).map_err(all)?;
        let function: Function = syn::parse_str(function).map_err(all)?;
        Ok(expand(&asked, &function).map_err(all)?.to_string())
    }

    #[test]
    fn a_topology_is_four_numbers_that_can_be_built() {
        assert_eq!(numbers("1x2x4x1"), Some([1, 2, 4, 1]));
        for wrong in ["", "1x2x4", "1x2x4x1x1", "0x1x1x1", "65x1x1x1", "1x1x1025x1", "1x2x4xa", "-1x1x1x1"] {
            assert_eq!(numbers(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_word_comes_to_a_setting() {
        let words = "backend = \"vm\", topology = \"1x2x4x1\", duration = \"1.5s\", workers = 3, seed = 7, \
            kernel = \"6.12\", watchdog = \"5m\", scheduler = SCX, checks = Checks::NONE.isolation()";
        let made = made(words, "#[ignore = \"slow\"] fn f(ctx: &Ctx) {}").expect("a test");
        let plain = made.replace(' ', "");
        for piece in [
            ".backend(::ktstr_test::Backend::Vm)",
            ".topology(::ktstr_test::Uniform::new(1u16,2u16,4u16,1u16))",
            ".duration(::core::time::Duration::from_nanos(1500000000u64))",
            ".workers(3)",
            ".seed(7)",
            ".kernel(\"6.12\")",
            ".watchdog(::core::time::Duration::from_nanos(300000000000u64))",
            ".scheduler(&SCX)",
            ".checks(Checks::NONE.isolation())",
            "ignored:::core::option::Option::Some(\"slow\")",
        ] {
            assert!(plain.contains(piece), "{piece} is not in {plain}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_the_cure() {
        let good = "fn f(ctx: &Ctx) {}";
        for (words, function, message) in [
            ("llcs = 2", good, "`llcs` is not known here; there are backend, topology, "),
            ("backend = \"xen\"", good, "`xen` is no backend; there are auto, linux, vm and mock"),
            ("backend = 3", good, "write it as in `backend = \"vm\"`"),
            ("topology = \"2x4\"", good, "as in `topology = \"1x2x4x1\"`"),
            (
                "duration = \"2\", watchdog = \"0s\"",
                good,
                "in `duration = \"2s\"`; it has to be above zero; write",
            ),
            ("seed = 1, seed = 2", good, "`seed` is given twice"),
            ("seed", good, "expected `=`"),
            ("", "fn f() {}", "a test is given its machine: `fn f(ctx: &Ctx)`"),
            ("", "fn f<T>(ctx: &Ctx) {}", "a test cannot be generic"),
            ("", "async fn f(ctx: &Ctx) {}", "a test is a plain function"),
            ("", "#[should_panic] fn f(ctx: &Ctx) {}", "say in the function what is expected"),
        ] {
            let said = made(words, function).expect_err("refused");
            assert!(said.contains(message), "{words:?}, {function}: {said}");
        }
    }
}
