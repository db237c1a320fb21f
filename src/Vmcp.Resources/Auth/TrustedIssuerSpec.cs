using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>Another issuer whose tokens may be exchanged.</summary>
[Cel(
    "!has(self.allowedDelegateClients) || !('*' in self.allowedDelegateClients) || size(self.allowedDelegateClients) == 1",
    "allowedDelegateClients must be either '*' alone or client ids", FieldPath = ".allowedDelegateClients")]
[Cel(
    "!has(self.allowMayAct) || !self.allowMayAct || !has(self.allowedDelegateClients) || !('*' in self.allowedDelegateClients)",
    "allowMayAct cannot be combined with '*' in allowedDelegateClients", FieldPath = ".allowMayAct")]
[Cel(
    "!has(self.actorClaim) || !(self.actorClaim in ['sub', 'iss', 'aud', 'exp', 'iat', 'nbf', 'jti', 'name', 'email', 'scope', 'scp', 'may_act'])",
    "actorClaim must be client_id, azp or another claim that is not reserved", FieldPath = ".actorClaim")]
[Cel(
    "!has(self.allowPrivateIPs) || !self.allowPrivateIPs || (has(self.jwksUrl) && size(self.jwksUrl) > 0)",
    "allowPrivateIPs requires jwksUrl", FieldPath = ".allowPrivateIPs")]
[Cel(
    "(has(self.expectedAudience) && size(self.expectedAudience) > 0) || (has(self.jwtBearerGrant) && !(has(self.actorClaim) && size(self.actorClaim) > 0) && !(has(self.actorMatcher) && size(self.actorMatcher) > 0) && !(has(self.allowMayAct) && self.allowMayAct) && !(has(self.allowedActors) && size(self.allowedActors) > 0))",
    "expectedAudience is required unless only jwtBearerGrant is used", FieldPath = ".expectedAudience")]
[Cel(
    "!((has(self.expectedAudience) && size(self.expectedAudience) > 0) || (has(self.actorClaim) && size(self.actorClaim) > 0) || (has(self.actorMatcher) && size(self.actorMatcher) > 0) || (has(self.allowMayAct) && self.allowMayAct)) || (has(self.allowedDelegateClients) && size(self.allowedDelegateClients) > 0)",
    "allowedDelegateClients is required with expectedAudience, actorClaim, actorMatcher or allowMayAct", FieldPath = ".allowedDelegateClients")]
public sealed record TrustedIssuerSpec
{
    /// <summary>The issuer, exactly as its tokens have it.</summary>
    [Required, Bounds(MinLength = 1, MaxLength = 2048)]
    public string IssuerUrl { get; init => field = value ?? field; } = "";

    /// <summary>The audience its tokens must have.</summary>
    [Bounds(MinLength = 1, MaxLength = 2048)]
    public string? ExpectedAudience { get; init; }

    /// <summary>Where its keys are; found by discovery when unset.</summary>
    [Bounds(MaxLength = 2048)]
    public string? JwksUrl { get; init; }

    /// <summary>Permits an issuer without TLS; for development only.</summary>
    public bool? InsecureAllowHTTP { get; init; }

    /// <summary>Permits keys at a private address.</summary>
    public bool? AllowPrivateIPs { get; init; }

    /// <summary>The claim that names the client the token was issued to; azp when unset.</summary>
    [Bounds(MaxLength = 64)]
    public string? ActorClaim { get; init; }

    /// <summary>Values that claim may have.</summary>
    [ListAtomic, Bounds(MaxItems = 50), ItemBounds(MinLength = 1, MaxLength = 256)]
    public IReadOnlyList<string> AllowedActors { get; init => field = value ?? field; } = [];

    /// <summary>A CEL expression over claims, instead of values.</summary>
    [Bounds(MaxLength = 4096)]
    public string? ActorMatcher { get; init; }

    /// <summary>Clients that may exchange its tokens; '*' alone means any.</summary>
    [ListAtomic, Bounds(MinItems = 1, MaxItems = 50), ItemBounds(MinLength = 1, MaxLength = 256)]
    public IReadOnlyList<string> AllowedDelegateClients { get; init => field = value ?? field; } = [];

    /// <summary>Whether its may_act claims are believed.</summary>
    [Default(false)]
    public bool? AllowMayAct { get; init; }

    /// <summary>What its tokens may be used for as authorization grants (RFC 7523).</summary>
    public JwtBearerGrantSpec? JwtBearerGrant { get; init; }
}

/// <summary>What tokens may be used for as authorization grants (RFC 7523).</summary>
[Cel("duration(self.maxAssertionAge) > duration('0s')", "maxAssertionAge must be longer than 0s", FieldPath = ".maxAssertionAge")]
[Cel(
    "self.subjectBindings.all(b, self.subjectBindings.exists_one(o, o.subject == b.subject))",
    "a subject must not be in subjectBindings twice", FieldPath = ".subjectBindings")]
public sealed record JwtBearerGrantSpec
{
    /// <summary>The longest time from issue to expiry a token may have.</summary>
    [Required]
    public string? MaxAssertionAge { get; init; }

    /// <summary>Subjects and the resources they may ask for.</summary>
    [Required, ListAtomic, Bounds(MinItems = 1, MaxItems = 50)]
    public IReadOnlyList<SubjectBindingSpec> SubjectBindings { get; init => field = value ?? field; } = [];

    /// <summary>Audiences a token may have; the token endpoint when unset.</summary>
    [ListAtomic, Bounds(MaxItems = 50), ItemBounds(MinLength = 1, MaxLength = 2048, Pattern = Patterns.ResourceUri)]
    public IReadOnlyList<string> AcceptedAudiences { get; init => field = value ?? field; } = [];
}

/// <summary>A subject and the resources it may ask for.</summary>
public sealed record SubjectBindingSpec
{
    /// <summary>The subject, exactly.</summary>
    [Required, Bounds(MinLength = 1, MaxLength = 256, Pattern = Patterns.NoStar)]
    public string Subject { get; init => field = value ?? field; } = "";

    /// <summary>The resources.</summary>
    [Required, ListAtomic, Bounds(MinItems = 1, MaxItems = 50), ItemBounds(MinLength = 1, MaxLength = 2048, Pattern = Patterns.ResourceUri)]
    public IReadOnlyList<string> AllowedResources { get; init => field = value ?? field; } = [];
}
