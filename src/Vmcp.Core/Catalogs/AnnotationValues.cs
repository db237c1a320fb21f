using System.Text.Json;

namespace Vmcp.Core.Catalogs;

/// <summary>The annotation members an override sets; members it leaves out keep the backend's values.</summary>
internal sealed class AnnotationValues
{
    private static readonly AnnotationValues None = new();

    private readonly List<(byte[] Name, byte[] Value)> _members = [];

    public bool IsEmpty => _members.Count == 0;

    public static AnnotationValues Of(ToolOverride? change)
    {
        if (change is null)
            return None;
        AnnotationValues values = new();
        if (change.Title is { } title)
            values._members.Add(("title"u8.ToArray(), ItemSplicer.Text(title)));
        values.Add("readOnlyHint"u8, change.ReadOnlyHint);
        values.Add("destructiveHint"u8, change.DestructiveHint);
        values.Add("idempotentHint"u8, change.IdempotentHint);
        values.Add("openWorldHint"u8, change.OpenWorldHint);
        return values;
    }

    public byte[] ToObject()
    {
        ItemSplicer.MemberWriter writer = new(needsComma: false);
        foreach ((byte[] name, byte[] value) in _members)
            writer.Add(name, value);
        return [(byte)'{', .. writer.ToArray(), (byte)'}'];
    }

    /// <summary>Edits an existing <c>annotations</c> object; the reader stands on its start and ends on its end.</summary>
    public void EditInside(ref Utf8JsonReader reader, List<ItemSplicer.Edit> edits)
    {
        bool[] seen = new bool[_members.Count];
        bool empty = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            empty = false;
            int match = -1;
            for (int i = 0; i < _members.Count && match < 0; i++)
            {
                if (reader.ValueTextEquals(_members[i].Name))
                    match = i;
            }

            reader.Read();
            if (match < 0)
            {
                reader.Skip();
                continue;
            }

            edits.Add(ItemSplicer.ReplaceValue(ref reader, _members[match].Value));
            seen[match] = true;
        }

        ItemSplicer.MemberWriter missing = new(!empty);
        for (int i = 0; i < seen.Length; i++)
        {
            if (!seen[i])
                missing.Add(_members[i].Name, _members[i].Value);
        }

        edits.Add(new ItemSplicer.Edit((int)reader.TokenStartIndex, 0, missing.ToArray()));
    }

    private void Add(ReadOnlySpan<byte> name, bool? value)
    {
        if (value is { } flag)
            _members.Add((name.ToArray(), flag ? "true"u8.ToArray() : "false"u8.ToArray()));
    }
}
