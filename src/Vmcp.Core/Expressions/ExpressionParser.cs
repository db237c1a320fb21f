namespace Vmcp.Core.Expressions;

/// <summary>Reads the grammar of CEL as far as <see cref="ClaimExpression"/> has it, by recursive descent of bounded depth.</summary>
/// <param name="tokens">The words; the last is the end.</param>
internal sealed class ExpressionParser(IReadOnlyList<Token> tokens)
{
    private static readonly string[] Relations = ["==", "!=", "<", "<=", ">", ">=", "in"];
    private static readonly string[] TextMethods = ["startsWith", "endsWith", "contains"];

    private int _next;
    private int _depth;

    private Token Ahead => tokens[_next];

    private bool IsRelation => Ahead.Kind is TokenKind.Sign or TokenKind.Name && Relations.Contains(Ahead.Text);

    public ExpressionNode Parse()
    {
        ExpressionNode root = Expression();
        if (Ahead.Kind != TokenKind.End)
            throw new ExpressionException(Ahead.Position, $"{Ahead} is not expected here", "join conditions with && or ||");
        return Condition(root, "the expression");
    }

    private ExpressionNode Expression()
    {
        Deeper();
        ExpressionNode node = Logic("||", decides: true, () => Logic("&&", decides: false, Relation));
        _depth--;
        return node;
    }

    private ExpressionNode Logic(string sign, bool decides, Func<ExpressionNode> part)
    {
        ExpressionNode first = part();
        if (!Is(sign))
            return first;
        List<ExpressionNode> parts = [Condition(first, $"what is left of {sign}")];
        while (Takes(sign))
            parts.Add(Condition(part(), $"what is right of {sign}"));
        return new LogicNode(first.Position, decides, [.. parts]);
    }

    private ExpressionNode Relation()
    {
        ExpressionNode left = Unary();
        if (!IsRelation)
            return left;
        Token sign = Take();
        ExpressionNode right = Unary();
        if (sign.Text == "in" && right.Kind is not (ValueKind.Unknown or ValueKind.List or ValueKind.Map))
            throw new ExpressionException(right.Position, "\"in\" needs a list on its right", "write for example 'admins' in claims.groups");
        if (IsRelation)
            throw new ExpressionException(Ahead.Position, $"{Ahead} follows another comparison", "put one of them in parentheses");
        return new RelationNode(left.Position, sign.Text, left, right);
    }

    private ExpressionNode Unary()
    {
        if (Is("!"))
        {
            Deeper();
            Token not = Take();
            ExpressionNode inner = Condition(Unary(), "what follows !");
            _depth--;
            return new NotNode(not.Position, inner);
        }

        if (Is("-"))
        {
            Token minus = Take();
            if (Ahead.Kind != TokenKind.Number)
                throw new ExpressionException(minus.Position, "\"-\" is only read before a number");
            return new Literal(minus.Position, ExpressionValue.Of(-Take().Number));
        }

        return Member();
    }

    private ExpressionNode Member()
    {
        ExpressionNode node = Primary();
        int deeper = 0;
        while (Is(".") || Is("["))
        {
            Deeper();
            deeper++;
            Token sign = Take();
            if (node is Literal { Kind: not ValueKind.String })
                throw new ExpressionException(sign.Position, $"{sign} does not fit behind this value");
            if (sign.Text == "[")
            {
                node = new IndexNode(node.Position, node, Expression());
                Expect("]");
                continue;
            }

            Token name = Ahead.Kind == TokenKind.Name ? Take() : throw new ExpressionException(Ahead.Position, $"a field name is expected, not {Ahead}");
            node = Is("(") ? Method(node, name) : new FieldNode(node.Position, node, name.Text);
        }

        _depth -= deeper;
        return node;
    }

    private ExpressionNode Method(ExpressionNode of, Token name)
    {
        bool isPattern = name.Text == "matches";
        if (!isPattern && !TextMethods.Contains(name.Text))
        {
            string remedy = name.Text is "exists" or "all" or "exists_one" or "filter" or "map"
                ? "write for example 'admins' in claims.groups"
                : "there are startsWith, endsWith, contains and matches";
            throw new ExpressionException(name.Position, $"the method {name.Text} is not supported", remedy);
        }

        if (of.Kind is not (ValueKind.Unknown or ValueKind.String))
            throw new ExpressionException(name.Position, $"{name.Text} needs a string on its left");
        Expect("(");
        ExpressionNode argument = Expression();
        Expect(")");
        if (isPattern)
        {
            return argument is Literal { Kind: ValueKind.String } pattern
                ? new MatchesNode(of.Position, of, ExpressionPattern.Compile(pattern.Value.String, pattern.Position))
                : throw new ExpressionException(argument.Position, "matches needs a pattern in quotes");
        }

        if (argument.Kind is not (ValueKind.Unknown or ValueKind.String))
            throw new ExpressionException(argument.Position, $"{name.Text} needs a string");
        return new TextNode(of.Position, name.Text, of, argument);
    }

    private ExpressionNode Primary()
    {
        Token token = Take();
        switch (token.Kind)
        {
            case TokenKind.Text:
                return new Literal(token.Position, ExpressionValue.Of(token.Text));
            case TokenKind.Number:
                return new Literal(token.Position, ExpressionValue.Of(token.Number));
            case TokenKind.Name:
                return Named(token);
            case TokenKind.Sign when token.Text == "(":
                ExpressionNode inner = Expression();
                Expect(")");
                return inner;
            case TokenKind.Sign when token.Text == "[":
                return List(token);
            default:
                throw new ExpressionException(token.Position, $"a value is expected, not {token}");
        }
    }

    private ExpressionNode Named(Token name)
    {
        switch (name.Text)
        {
            case "true" or "false":
                return new Literal(name.Position, ExpressionValue.Of(name.Text == "true"));
            case "null":
                return new Literal(name.Position, ExpressionValue.Null);
            case "claims":
                return new ClaimsNode(name.Position);
            case "has":
                Expect("(");
                ExpressionNode field = Expression();
                Expect(")");
                return field is FieldNode of
                    ? new HasNode(name.Position, of)
                    : throw new ExpressionException(field.Position, "has() needs a field", "write has(claims.name), or 'name' in claims");
            case "size":
                Expect("(");
                ExpressionNode whole = Expression();
                Expect(")");
                return whole.Kind is ValueKind.Unknown or ValueKind.String or ValueKind.List or ValueKind.Map
                    ? new SizeNode(name.Position, whole)
                    : throw new ExpressionException(whole.Position, "size() needs a string or a list");
            default:
                throw new ExpressionException(
                    name.Position, $"the name {name.Text} is not known", Is("(") ? "there are has() and size()" : $"write claims.{name.Text} or '{name.Text}'");
        }
    }

    private ListNode List(Token open)
    {
        List<ExpressionNode> items = [];
        while (!Is("]"))
        {
            items.Add(Expression());
            if (!Takes(","))
                break;
        }

        Expect("]");
        return new ListNode(open.Position, [.. items]);
    }

    private static ExpressionNode Condition(ExpressionNode node, string which) => node.Kind is ValueKind.Boolean or ValueKind.Unknown
        ? node
        : throw new ExpressionException(node.Position, $"{which} is no condition that is true or false", "compare it, for example with ==");

    private void Deeper()
    {
        if (++_depth > ClaimExpression.MaxDepth)
            throw new ExpressionException(Ahead.Position, $"parts lie more than {ClaimExpression.MaxDepth} deep within each other");
    }

    private bool Is(string sign) => Ahead.Kind == TokenKind.Sign && Ahead.Text == sign;

    private bool Takes(string sign)
    {
        bool found = Is(sign);
        _next += found ? 1 : 0;
        return found;
    }

    private Token Take() => Ahead.Kind == TokenKind.End ? Ahead : tokens[_next++];

    private void Expect(string sign)
    {
        if (!Takes(sign))
            throw new ExpressionException(Ahead.Position, $"{sign} is expected, not {Ahead}");
    }
}
