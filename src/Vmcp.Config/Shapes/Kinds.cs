using System.Diagnostics.CodeAnalysis;
using Vmcp.Config.Reading;
using Vmcp.Config.Values;
using Vmcp.Config.Writing;
using Vmcp.Core.Backends;

namespace Vmcp.Config.Shapes;

/// <summary>The kinds that carry no settings of their own.</summary>
internal static class Kinds
{
    public static readonly Kind<string> Text = new TextKind();
    public static readonly Kind<Secret> Secret = new SecretKind();
    public static readonly Kind<bool> Boolean = new BooleanKind();
    public static readonly Kind<long> Integer = new IntegerKind(int.MinValue, int.MaxValue);
    public static readonly Kind<long> Long = new IntegerKind(long.MinValue, long.MaxValue);
    public static readonly Kind<decimal> Decimal = new DecimalKind();
    public static readonly Kind<TimeSpan> Duration = new DurationKind();
    public static readonly Kind<FreeValue> Anything = new FreeKind(mustBeMap: false);
    public static readonly Kind<FreeValue> Object = new FreeKind(mustBeMap: true);
}

/// <summary>A kind looked up when it is used, for shapes that contain themselves.</summary>
internal sealed class DeferredKind<T>(Func<Kind<T>> kind) : Kind<T>
{
    public override ValueForm Form => kind().Form;

    public override bool TryRead(Node node, string path, ReadContext context, [MaybeNullWhen(false)] out T value) =>
        kind().TryRead(node, path, context, out value);

    public override OutNode Write(T value) => kind().Write(value);
}
