//! Writes the static out.

use crate::attributes::{self, Described, Metric};
use crate::naming::static_name;
use crate::problems::Problems;
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Ident, LitStr};

/// The static for `input`.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn payload(input: &DeriveInput) -> Result<TokenStream, Error> {
    let mut problems = Problems::default();
    check_shape(input, &mut problems);
    let described = attributes::read(&input.attrs, input.ident.span(), &mut problems);
    let structure = input.ident.unraw().to_string();
    let name = static_name(&structure).unwrap_or_else(|| {
        let cure = format!("`{structure}` leaves no name for the static: call it as in `BgLoadPayload`");
        problems.push(Error::new(input.ident.span(), cure));
        String::from("PAYLOAD")
    });
    let tokens = write(input, &Ident::new(&name, input.ident.span()), &described);
    problems.finish(tokens)
}

fn check_shape(input: &DeriveInput, problems: &mut Problems) {
    match &input.data {
        Data::Struct(data) if matches!(data.fields, Fields::Unit) => {}
        Data::Struct(data) => problems.push(Error::new(
            data.fields.span(),
            "a payload is described by attributes alone: make it a unit struct, `struct BgLoadPayload;`",
        )),
        Data::Enum(_) | Data::Union(_) => problems.push(Error::new(
            input.ident.span(),
            "a payload is described on a unit struct, as in `struct BgLoadPayload;`",
        )),
    }
    if !input.generics.params.is_empty() {
        problems.push(Error::new(input.generics.span(), "a static cannot be generic: remove the parameters"));
    }
}

fn write(input: &DeriveInput, name: &Ident, described: &Described) -> TokenStream {
    let Described { args, files, .. } = described;
    let visibility = &input.vis;
    let structure = &input.ident;
    let docs = input.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let binary = described.binary.as_ref().map(LitStr::value).unwrap_or_default();
    let called = match &described.name {
        Some(name) => name.value(),
        None => binary.rsplit('/').find(|part| !part.is_empty()).unwrap_or(&binary).to_owned(),
    };
    let output = if described.json { quote!(Json) } else { quote!(ExitCode) };
    let checks = described.checks.iter().map(|check| &check.value);
    let metrics = described.metrics.iter().map(hint);
    let timeout = described
        .timeout
        .map(|nanoseconds| quote!(.timeout(::core::time::Duration::from_nanos(#nanoseconds))));
    quote! {
        #(#docs)*
        #visibility static #name: ::ktstr_core::Payload<'static> =
            ::ktstr_core::Payload::binary(#called, #binary)
                .default_args(&[#(#args),*])
                .output(::ktstr_core::OutputKind::#output)
                .metrics(&[#(#metrics),*])
                .checks(&[#(#checks),*])
                .include_files(&[#(#files),*])
                #timeout;

        const _: #structure = #structure;
    }
}

fn hint(metric: &Metric) -> TokenStream {
    let Metric { name, polarity, unit } = metric;
    let unit = unit.as_ref().map(LitStr::value).unwrap_or_default();
    quote! {
        ::ktstr_core::MetricHint {
            name: #name,
            polarity: ::ktstr_core::Polarity::#polarity,
            unit: #unit,
        }
    }
}
