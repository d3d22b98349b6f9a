namespace AuthzPlugin.Trust.Oci;

/// <summary>A signature of an image as a registry has it: unverified bytes, in one of the formats of this project.</summary>
public abstract record ImageSignature
{
    private protected ImageSignature()
    {
    }
}
