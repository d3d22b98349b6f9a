using System.Reflection;
using System.Runtime.InteropServices;

namespace AuthzPlugin.Trust.Cryptography;

/// <summary>The five functions of OpenSSL's libcrypto (1.1.1 or newer) that Ed25519 verification needs.</summary>
internal static partial class Libcrypto
{
    /// <summary>EVP_PKEY_ED25519.</summary>
    internal const int Ed25519KeyType = 1087;

    private const string Library = "libcrypto";

    private static readonly string[] FileNames = ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto"];

    static Libcrypto() => NativeLibrary.SetDllImportResolver(typeof(Libcrypto).Assembly, Resolve);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    internal static partial KeyHandle NewRawPublicKey(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_new")]
    internal static partial ContextHandle NewDigestContext();

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerifyInit")]
    internal static partial int DigestVerifyInit(ContextHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerify")]
    internal static partial int DigestVerify(
        ContextHandle context, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> message, nuint messageLength);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_free")]
    private static partial void FreeKey(nint key);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_free")]
    private static partial void FreeContext(nint context);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return 0;
        }

        foreach (var file in FileNames)
        {
            if (NativeLibrary.TryLoad(file, assembly, path, out var handle))
            {
                return handle;
            }
        }

        return 0;
    }

    /// <summary>EVP_PKEY.</summary>
    internal sealed class KeyHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeKey(handle);
            return true;
        }
    }

    /// <summary>EVP_MD_CTX.</summary>
    internal sealed class ContextHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeContext(handle);
            return true;
        }
    }
}
